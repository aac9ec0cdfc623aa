import { Module } from '@nestjs/common';
import { RateLimiter } from './rate-limiter.service.js';

/** Limits for public actions. */
@Module({ providers: [RateLimiter], exports: [RateLimiter] })
export class RateLimitsModule {}
