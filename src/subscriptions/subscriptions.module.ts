import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { CustomerRevenue } from './customer-revenue.entity.js';
import { Dispute } from './dispute.entity.js';
import { Invoice } from './invoice.entity.js';
import { MrrMovement } from './mrr-movement.entity.js';
import { RevenueListener } from './revenue.listener.js';
import { CheckRevenueJob } from './revenue/check-revenue.job.js';
import { RevenueController } from './revenue/revenue.controller.js';
import { Revenue } from './revenue/revenue.service.js';
import { Subscription } from './subscription.entity.js';
import { UpgradesListener } from './upgrades.listener.js';
import { SubscriptionsListener } from './subscriptions.listener.js';

/** Subscriptions, payments and what they come to. */
@Module({
  imports: [TypeOrmModule.forFeature([Subscription, Invoice, Dispute, CustomerRevenue, MrrMovement])],
  controllers: [RevenueController],
  providers: [SubscriptionsListener, RevenueListener, UpgradesListener, Revenue, CheckRevenueJob],
  exports: [Revenue],
})
export class SubscriptionsModule {}
