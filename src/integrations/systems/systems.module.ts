import { Module } from '@nestjs/common';
import { CustomerIoConnector } from './customerio.connector.js';
import { HubSpotConnector } from './hubspot.connector.js';
import { IntercomConnector } from './intercom.connector.js';
import { MailchimpConnector } from './mailchimp.connector.js';
import { PlanhatConnector } from './planhat.connector.js';
import { RequestTrackerConnector } from './request-tracker.connector.js';
import { SalesforceConnector } from './salesforce.connector.js';
import { SegmentConnector } from './segment.connector.js';
import { SlackConnector } from './slack.connector.js';
import { VitallyConnector } from './vitally.connector.js';
import { ZendeskConnector } from './zendesk.connector.js';

/** The systems that there are connectors for. */
@Module({
  providers: [
    CustomerIoConnector,
    HubSpotConnector,
    IntercomConnector,
    MailchimpConnector,
    PlanhatConnector,
    RequestTrackerConnector,
    SalesforceConnector,
    SegmentConnector,
    SlackConnector,
    VitallyConnector,
    ZendeskConnector,
  ],
})
export class SystemsModule {}
