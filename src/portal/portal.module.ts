import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { PortalAccess } from './portal-access.entity.js';
import { PortalController } from './portal.controller.js';
import { PortalListener } from './portal.listener.js';

/** Access to the Stripe billing portal. */
@Module({
  imports: [TypeOrmModule.forFeature([PortalAccess])],
  controllers: [PortalController],
  providers: [PortalListener],
  exports: [TypeOrmModule],
})
export class PortalModule {}
