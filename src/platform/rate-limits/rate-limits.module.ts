import { Module } from '@nestjs/common';
import { RateLimiter } from './rate-limiter.service.js';

/** Allowances for what anybody may ask for. */
@Module({ providers: [RateLimiter], exports: [RateLimiter] })
export class RateLimitsModule {}
