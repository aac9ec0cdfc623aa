import { Module } from '@nestjs/common';
import { HubSpotConnector } from './hubspot.connector.js';

/** The systems that there are connectors for. */
@Module({ providers: [HubSpotConnector] })
export class SystemsModule {}
