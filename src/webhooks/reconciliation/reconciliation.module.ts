import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { StripeModule } from '../../platform/stripe/stripe.module.js';
import { InboxModule } from '../inbox/inbox.module.js';
import { DriftDetector } from './drift-detector.service.js';
import { PageReconciler } from './page-reconciler.service.js';
import { ReconcileJob } from './reconcile.job.js';
import { Reconciler } from './reconciler.service.js';
import { ReconciliationFinding } from './reconciliation-finding.entity.js';
import { Reconciliation } from './reconciliation.entity.js';
import { ReconciliationsController } from './reconciliations.controller.js';
import { ReconciliationsService } from './reconciliations.service.js';
import { StartReconciliationJob } from './start-reconciliation.job.js';
import { StripeLists } from './stripe-lists.service.js';

/** Compares Stripe's lists with the stored customers and events, and repairs the differences. */
@Module({
  imports: [InboxModule, StripeModule, TypeOrmModule.forFeature([Reconciliation, ReconciliationFinding])],
  controllers: [ReconciliationsController],
  providers: [
    StripeLists,
    DriftDetector,
    PageReconciler,
    Reconciler,
    ReconciliationsService,
    ReconcileJob,
    StartReconciliationJob,
  ],
})
export class ReconciliationModule {}
