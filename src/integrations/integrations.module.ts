import { Module } from '@nestjs/common';
import { ConnectorsModule } from './connectors/connectors.module.js';
import { DeliveryClaims } from './deliveries/claims/delivery-claims.service.js';
import { ExpiredClaims } from './deliveries/expired-claims.service.js';
import { ConnectorFeed } from './deliveries/connector-feed.consumer.js';
import { DeliveryEngine } from './deliveries/delivery-engine.service.js';
import { DeliveryLanes } from './deliveries/delivery-lanes.service.js';
import { DeliveryPreparer } from './deliveries/delivery-preparer.service.js';
import { DeliveryRecorder } from './deliveries/delivery-recorder.service.js';
import { ErasuresModule } from './erasures/erasures.module.js';
import { OutboxModule } from './outbox/outbox.module.js';
import { PurgeDeliveriesJob } from './retention/purge-deliveries.job.js';
import { SystemsModule } from './systems/systems.module.js';

/** What leaves this service: facts in the outbox, and their deliveries to the systems that people work in. */
@Module({
  imports: [ConnectorsModule, ErasuresModule, OutboxModule, SystemsModule],
  providers: [
    ConnectorFeed,
    DeliveryClaims,
    DeliveryPreparer,
    DeliveryRecorder,
    ExpiredClaims,
    DeliveryEngine,
    DeliveryLanes,
    PurgeDeliveriesJob,
  ],
  exports: [DeliveryPreparer],
})
export class IntegrationsModule {}
