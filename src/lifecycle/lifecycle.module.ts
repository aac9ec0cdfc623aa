import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { CustomerLifecycle } from './customer-lifecycle.entity.js';
import { LifecycleTransition } from './lifecycle-transition.entity.js';
import { LifecycleListener } from './lifecycle.listener.js';

/** Stages and milestones of a customer's life. */
@Module({
  imports: [TypeOrmModule.forFeature([CustomerLifecycle, LifecycleTransition])],
  providers: [LifecycleListener],
  exports: [TypeOrmModule],
})
export class LifecycleModule {}
