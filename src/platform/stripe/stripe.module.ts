import { Module } from '@nestjs/common';
import { StripeClient } from './stripe-client.service.js';

/** Calls to Stripe's API. */
@Module({ providers: [StripeClient], exports: [StripeClient] })
export class StripeModule {}
