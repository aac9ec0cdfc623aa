import { Module } from '@nestjs/common';
import { AddressJudge } from './address-judge.service.js';
import { SuppressionReview } from './suppression-review.service.js';
import { SuppressionsController } from './suppressions.controller.js';
import { SuppressionsService } from './suppressions.service.js';

/** Addresses that get no mail. */
@Module({
  controllers: [SuppressionsController],
  providers: [SuppressionsService, AddressJudge, SuppressionReview],
  exports: [SuppressionsService, AddressJudge],
})
export class SuppressionsModule {}
