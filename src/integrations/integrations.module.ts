import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { SecretsModule } from '../platform/secrets/secrets.module.js';
import { ConnectorAccountController } from './admin/connector-account.controller.js';
import { ConnectorAccountAcceptance } from './admin/connector-account.service.js';
import { ConnectorPreviews } from './admin/connector-previews.service.js';
import { ConnectorsController } from './admin/connectors.controller.js';
import { Connectors } from './admin/connectors.service.js';
import { DeliveriesController } from './admin/deliveries.controller.js';
import { BackfillConnectorJob } from './backfills/backfill-connector.job.js';
import { BackfillsController } from './backfills/backfills.controller.js';
import { ConnectorBackfills } from './backfills/connector-backfills.service.js';
import { ConnectorsModule } from './connectors/connectors.module.js';
import { ConnectorFeed } from './deliveries/connector-feed.consumer.js';
import { DeliveryEngine } from './deliveries/delivery-engine.service.js';
import { DeliveryLanes } from './deliveries/delivery-lanes.service.js';
import { DeliveryOperations } from './deliveries/delivery-operations.service.js';
import { DeliveryPreparer } from './deliveries/delivery-preparer.service.js';
import { DeliveryRecorder } from './deliveries/delivery-recorder.service.js';
import { Delivery } from './deliveries/delivery.entity.js';
import { ExpiredClaims } from './deliveries/expired-claims.service.js';
import { ErasuresModule } from './erasures/erasures.module.js';
import { OutboxModule } from './outbox/outbox.module.js';
import { SystemsModule } from './systems/systems.module.js';

/** What leaves this service: facts in the outbox, and their deliveries to the systems that people work in. */
@Module({
  imports: [
    TypeOrmModule.forFeature([Delivery]),
    ConnectorsModule,
    ErasuresModule,
    OutboxModule,
    SecretsModule,
    SystemsModule,
  ],
  controllers: [ConnectorsController, ConnectorAccountController, BackfillsController, DeliveriesController],
  providers: [
    ConnectorFeed,
    DeliveryPreparer,
    DeliveryRecorder,
    ExpiredClaims,
    DeliveryEngine,
    DeliveryLanes,
    Connectors,
    ConnectorPreviews,
    ConnectorAccountAcceptance,
    DeliveryOperations,
    ConnectorBackfills,
    BackfillConnectorJob,
  ],
})
export class IntegrationsModule {}
