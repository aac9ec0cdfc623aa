import { Module } from '@nestjs/common';
import { CustomerIoConnector } from './customerio.connector.js';
import { HubSpotConnector } from './hubspot.connector.js';
import { SegmentConnector } from './segment.connector.js';

/** The systems that there are connectors for. */
@Module({ providers: [CustomerIoConnector, HubSpotConnector, SegmentConnector] })
export class SystemsModule {}
