import { Module } from '@nestjs/common';
import { CustomerIoConnector } from './customerio.connector.js';
import { HubSpotConnector } from './hubspot.connector.js';
import { SalesforceConnector } from './salesforce.connector.js';
import { SegmentConnector } from './segment.connector.js';
import { SlackConnector } from './slack.connector.js';

/** The systems that there are connectors for. */
@Module({
  providers: [CustomerIoConnector, HubSpotConnector, SalesforceConnector, SegmentConnector, SlackConnector],
})
export class SystemsModule {}
