import { Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import { SecretsModule } from '../../platform/secrets/secrets.module.js';
import { BackfillConnectorJob } from '../backfills/backfill-connector.job.js';
import { BackfillsController } from '../backfills/backfills.controller.js';
import { ConnectorBackfills } from '../backfills/connector-backfills.service.js';
import { ConnectorsModule } from '../connectors/connectors.module.js';
import { DeliveryAttempt } from '../deliveries/delivery-attempt.entity.js';
import { Delivery } from '../deliveries/delivery.entity.js';
import { IntegrationsModule } from '../integrations.module.js';
import { ChangeDeliveriesJob } from '../operations/change-deliveries.job.js';
import { DeliveryBulk } from '../operations/delivery-bulk.service.js';
import { DeliveryOperations } from '../operations/delivery-operations.service.js';
import { OutboxModule } from '../outbox/outbox.module.js';
import { ConnectorAccountController } from './connector-account.controller.js';
import { ConnectorAccountAcceptance } from './connector-account.service.js';
import { ConnectorDeletion } from './connector-deletion.service.js';
import { ConnectorForm } from './connector-form.service.js';
import { ConnectorPreviews } from './connector-previews.service.js';
import { ConnectorsController } from './connectors.controller.js';
import { Connectors } from './connectors.service.js';
import { DeliveriesController } from './deliveries.controller.js';

/** What operators do with connectors and their deliveries. */
@Module({
  imports: [
    DiscoveryModule,
    TypeOrmModule.forFeature([Delivery, DeliveryAttempt]),
    ConnectorsModule,
    IntegrationsModule,
    OutboxModule,
    SecretsModule,
  ],
  controllers: [ConnectorsController, ConnectorAccountController, BackfillsController, DeliveriesController],
  providers: [
    ConnectorAccountAcceptance,
    ConnectorForm,
    ConnectorDeletion,
    ConnectorPreviews,
    Connectors,
    DeliveryOperations,
    DeliveryBulk,
    ChangeDeliveriesJob,
    ConnectorBackfills,
    BackfillConnectorJob,
  ],
  exports: [ConnectorPreviews],
})
export class ConnectorsAdminModule {}
