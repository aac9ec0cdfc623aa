import { Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { OutboundModule } from '../platform/outbound/outbound.module.js';
import { SecretsModule } from '../platform/secrets/secrets.module.js';
import { ConnectorPreviews } from './admin/connector-previews.service.js';
import { ConnectorsController } from './admin/connectors.controller.js';
import { Connectors } from './admin/connectors.service.js';
import { ConnectorRates } from './connectors/connector-rates.service.js';
import { ConnectorRegistry } from './connectors/connector-registry.service.js';
import { ConnectorSessions } from './connectors/connector-sessions.service.js';
import { ConnectorFeed } from './deliveries/connector-feed.consumer.js';
import { DeliveryEngine } from './deliveries/delivery-engine.service.js';
import { DeliveryLanes } from './deliveries/delivery-lanes.service.js';
import { DeliveryPreparer } from './deliveries/delivery-preparer.service.js';
import { DeliveryRecorder } from './deliveries/delivery-recorder.service.js';
import { ConnectorErasures } from './erasures/connector-erasures.service.js';
import { ConnectorErasureListener } from './erasures/erasure.listener.js';
import { OutboxListener } from './outbox/outbox.listener.js';
import { OutboxRelay } from './outbox/outbox-relay.service.js';
import { OutboxSwitch } from './outbox/outbox-switch.service.js';
import { SystemsModule } from './systems/systems.module.js';

/** What leaves this service: facts in the outbox, and their deliveries to the systems that people work in. */
@Module({
  imports: [DiscoveryModule, OutboundModule, SecretsModule, SystemsModule],
  controllers: [ConnectorsController],
  providers: [
    OutboxSwitch,
    OutboxListener,
    OutboxRelay,
    ConnectorRegistry,
    ConnectorRates,
    ConnectorSessions,
    ConnectorFeed,
    DeliveryPreparer,
    DeliveryRecorder,
    DeliveryEngine,
    DeliveryLanes,
    ConnectorErasures,
    ConnectorErasureListener,
    Connectors,
    ConnectorPreviews,
  ],
})
export class IntegrationsModule {}
