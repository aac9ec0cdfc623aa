import { Module } from '@nestjs/common';
import { StripeCalls } from './stripe-calls.service.js';
import { StripeClient } from './stripe-client.service.js';

/** Calls to Stripe's API. */
@Module({ providers: [StripeClient, StripeCalls], exports: [StripeClient, StripeCalls] })
export class StripeModule {}
