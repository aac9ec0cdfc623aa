import { Module } from '@nestjs/common';
import { CustomerIoConnector } from './customerio.connector.js';
import { HubSpotConnector } from './hubspot.connector.js';

/** The systems that there are connectors for. */
@Module({ providers: [CustomerIoConnector, HubSpotConnector] })
export class SystemsModule {}
