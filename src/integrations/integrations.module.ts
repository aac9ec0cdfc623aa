import { Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import { OutboundModule } from '../platform/outbound/outbound.module.js';
import { SecretsModule } from '../platform/secrets/secrets.module.js';
import { ConnectorPreviews } from './admin/connector-previews.service.js';
import { ConnectorsController } from './admin/connectors.controller.js';
import { Connectors } from './admin/connectors.service.js';
import { DeliveriesController } from './admin/deliveries.controller.js';
import { BackfillConnectorJob } from './backfills/backfill-connector.job.js';
import { BackfillsController } from './backfills/backfills.controller.js';
import { ConnectorBackfills } from './backfills/connector-backfills.service.js';
import { ConnectorRates } from './connectors/connector-rates.service.js';
import { ConnectorRegistry } from './connectors/connector-registry.service.js';
import { ConnectorSessions } from './connectors/connector-sessions.service.js';
import { SecretRotation } from './connectors/secret-rotation.service.js';
import { ConnectorFeed } from './deliveries/connector-feed.consumer.js';
import { DeliveryEngine } from './deliveries/delivery-engine.service.js';
import { DeliveryLanes } from './deliveries/delivery-lanes.service.js';
import { DeliveryOperations } from './deliveries/delivery-operations.service.js';
import { DeliveryPreparer } from './deliveries/delivery-preparer.service.js';
import { DeliveryRecorder } from './deliveries/delivery-recorder.service.js';
import { Delivery } from './deliveries/delivery.entity.js';
import { ConnectorErasures } from './erasures/connector-erasures.service.js';
import { ConnectorErasureListener } from './erasures/erasure.listener.js';
import { OutboxModule } from './outbox/outbox.module.js';
import { SystemsModule } from './systems/systems.module.js';

/** What leaves this service: facts in the outbox, and their deliveries to the systems that people work in. */
@Module({
  imports: [
    DiscoveryModule,
    TypeOrmModule.forFeature([Delivery]),
    OutboundModule,
    OutboxModule,
    SecretsModule,
    SystemsModule,
  ],
  controllers: [ConnectorsController, BackfillsController, DeliveriesController],
  providers: [
    ConnectorRegistry,
    ConnectorRates,
    ConnectorSessions,
    SecretRotation,
    ConnectorFeed,
    DeliveryPreparer,
    DeliveryRecorder,
    DeliveryEngine,
    DeliveryLanes,
    ConnectorErasures,
    ConnectorErasureListener,
    Connectors,
    ConnectorPreviews,
    DeliveryOperations,
    ConnectorBackfills,
    BackfillConnectorJob,
  ],
})
export class IntegrationsModule {}
