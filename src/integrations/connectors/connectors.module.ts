import { Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { OutboundModule } from '../../platform/outbound/outbound.module.js';
import { SecretsModule } from '../../platform/secrets/secrets.module.js';
import { ConnectorAccounts } from './connector-accounts.service.js';
import { ConnectorRates } from './connector-rates.service.js';
import { ConnectorRegistry } from './connector-registry.service.js';
import { ConnectorSessions } from './connector-sessions.service.js';
import { SecretRotation } from './secret-rotation.service.js';

/** The systems that there are connectors for, and sessions with them. */
@Module({
  imports: [DiscoveryModule, OutboundModule, SecretsModule],
  providers: [ConnectorRegistry, ConnectorRates, ConnectorSessions, ConnectorAccounts, SecretRotation],
  exports: [ConnectorRegistry, ConnectorSessions, ConnectorAccounts],
})
export class ConnectorsModule {}
