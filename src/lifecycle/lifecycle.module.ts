import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { CustomersModule } from '../customers/customers.module.js';
import { CustomerLifecycle } from './customer-lifecycle.entity.js';
import { LifecycleTransition } from './lifecycle-transition.entity.js';
import { LifecycleListener } from './lifecycle.listener.js';
import { OwnMilestonesController } from './own-milestones/own-milestones.controller.js';
import { MergeMilestonesJob } from './own-milestones/merge-milestones.job.js';
import { OwnMilestonesListener } from './own-milestones/own-milestones.listener.js';
import { OwnMilestones } from './own-milestones/own-milestones.service.js';
import { UserMilestone } from './own-milestones/user-milestone.entity.js';
import { Leads } from './leads/leads.service.js';
import { LeadsController } from './leads/leads.controller.js';
import { LifecycleReports } from './reports/lifecycle-reports.service.js';
import { LifecycleController } from './reports/lifecycle.controller.js';

/** Lifecycle stages and milestones of customers. */
@Module({
  imports: [
    CustomersModule,
    TypeOrmModule.forFeature([CustomerLifecycle, LifecycleTransition, UserMilestone]),
  ],
  controllers: [LifecycleController, LeadsController, OwnMilestonesController],
  providers: [
    LifecycleListener,
    LifecycleReports,
    Leads,
    OwnMilestones,
    OwnMilestonesListener,
    MergeMilestonesJob,
  ],
  exports: [TypeOrmModule],
})
export class LifecycleModule {}
