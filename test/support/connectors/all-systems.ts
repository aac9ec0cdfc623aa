import type { Fields } from '../builders.js';
import { FakeCustomerIo } from './fake-customerio.js';
import { FakeHubSpot } from './fake-hubspot.js';
import { FakeIntercom } from './fake-intercom.js';
import { FakeMailchimp } from './fake-mailchimp.js';
import { FakePlanhat } from './fake-planhat.js';
import { FakeRequestTracker } from '../request-tracker/fake-request-tracker.js';
import { FakeSegment } from './fake-segment.js';
import { FakeSlack } from './fake-slack.js';
import type { FakeSystem } from './fake-system.js';
import { FakeVitally } from './fake-vitally.js';
import { FakeZendesk } from './fake-zendesk.js';
import { FakeSalesforce } from './fake-salesforce.js';

/** A fake with what a connector needs to reach it. */
export interface Reachable {
  fake: FakeSystem;
  settings: Fields;
  secrets: Record<string, string>;
}

/** Starts the fake of each system, by the system's name. */
export const ALL_SYSTEMS: Readonly<Record<string, () => Promise<Reachable>>> = {
  customerio: async () => {
    const fake = await new FakeCustomerIo().start();
    const settings = { baseUrl: fake.url, siteId: fake.siteId };
    return { fake, settings, secrets: { trackKey: fake.trackKey, appKey: fake.appKey } };
  },
  hubspot: async () => {
    const fake = await new FakeHubSpot().start();
    return { fake, settings: { baseUrl: fake.url }, secrets: { token: fake.token } };
  },
  intercom: async () => {
    const fake = await new FakeIntercom().start();
    const settings = { baseUrl: fake.url, ticketTypeId: fake.ticketTypeId };
    return { fake, settings, secrets: { token: fake.token } };
  },
  mailchimp: async () => {
    const fake = await new FakeMailchimp().start();
    const audience = { audienceId: fake.audienceId, statusIfNew: 'subscribed' };
    const settings = { baseUrl: `${fake.url}/3.0`, ...audience };
    return { fake, settings, secrets: { apiKey: fake.apiKey } };
  },
  planhat: async () => {
    const fake = await new FakePlanhat().start();
    const settings = { baseUrl: fake.url, analyticsUrl: fake.url };
    return { fake, settings, secrets: { token: fake.token, tenantToken: fake.tenantToken } };
  },
  'request-tracker': async () => {
    const fake = await new FakeRequestTracker().start();
    return { fake, settings: { baseUrl: fake.url }, secrets: { token: fake.token } };
  },
  salesforce: async () => {
    const fake = await new FakeSalesforce().start();
    const settings = { baseUrl: fake.url, clientId: fake.clientId };
    return { fake, settings, secrets: { clientSecret: fake.clientSecret } };
  },
  segment: async () => {
    const fake = await new FakeSegment().start();
    const settings = { baseUrl: fake.url, publicApiUrl: fake.url };
    return { fake, settings, secrets: { writeKey: fake.writeKey, publicApiToken: fake.publicApiToken } };
  },
  slack: async () => {
    const fake = await new FakeSlack().start();
    return { fake, settings: {}, secrets: { webhookUrl: fake.webhookUrl } };
  },
  vitally: async () => {
    const fake = await new FakeVitally().start();
    const settings = { baseUrl: fake.url, analyticsUrl: fake.url };
    return { fake, settings, secrets: { apiKey: fake.apiKey, analyticsToken: fake.analyticsToken } };
  },
  zendesk: async () => {
    const fake = await new FakeZendesk().start();
    return { fake, settings: { baseUrl: fake.url, email: fake.email }, secrets: { token: fake.token } };
  },
};
