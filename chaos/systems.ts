import { HubSpotConnector } from '../src/integrations/systems/hubspot.connector.js';
import { SegmentConnector } from '../src/integrations/systems/segment.connector.js';
import type { FakeAnswer, ReceivedRequest } from '../test/support/connectors/fake-system.js';
import { FakeHubSpot, type FakeContact } from '../test/support/connectors/fake-hubspot.js';
import { FakeSegment } from '../test/support/connectors/fake-segment.js';
import type { Arrived, StoredConnector } from '../test/support/database/stored-connectors.js';
import { FakeRequestTracker } from '../test/support/request-tracker/fake-request-tracker.js';

const UPSERTS = /\/contacts\/batch\/upsert$/;

/** A HubSpot that finds contacts at once, and counts how often each delivery arrives. */
class CountingHubSpot extends FakeHubSpot {
  readonly arrivals = new Map<string, number>();
  private readonly index = new Map<string, FakeContact>();

  protected override find(property: string, value: string): FakeContact | undefined {
    return this.index.get(`${property} ${value}`);
  }

  protected override answer(request: ReceivedRequest): FakeAnswer {
    const answer = super.answer(request);
    if (!UPSERTS.test(request.path)) return answer;
    // A request that only clears a stage belongs to another one of its delivery.
    for (const { objectWriteTraceId: id, properties } of request.body.inputs)
      if (properties.email) this.arrivals.set(id, (this.arrivals.get(id) ?? 0) + 1);
    for (const { id } of (answer.body as { results: FakeContact[] }).results)
      this.addToIndex(this.contacts.get(id) as FakeContact);
    return answer;
  }

  private addToIndex(contact: FakeContact): void {
    for (const property of ['mingus_customer_id', 'email'])
      this.index.set(`${property} ${contact.properties[property]}`, contact);
  }
}

/** How often something arrived beyond the first time. */
export interface Copies {
  contacts: number;
  events: number;
}

/** The systems that a campaign delivers to: a CRM, a desk and a receiver of events. They never fail. */
export class Systems {
  /** The most deliveries that a process has under way, by what they may be repeated as. */
  static readonly UNDERWAY: Readonly<Copies> = {
    contacts: underway(new HubSpotConnector()),
    events: underway(new SegmentConnector()),
  };
  private readonly crm = new CountingHubSpot();
  private readonly desk = new FakeRequestTracker();
  private readonly receiver = new FakeSegment();

  static async start(): Promise<Systems> {
    const systems = new Systems();
    for (const system of systems.all) await system.start();
    // A campaign sends more requests than the memory holds.
    for (const system of systems.all) system.keepsRequests = false;
    return systems;
  }

  private get all() {
    return [this.crm, this.desk, this.receiver];
  }

  async stop(): Promise<void> {
    for (const system of this.all) await system.stop();
  }

  /** What the service needs to reach them. */
  get env(): Record<string, string> {
    return {
      OUTBOUND_PRIVATE_NETWORKS: '127.0.0.0/8',
      SECRET_CRM: this.crm.token,
      SECRET_DESK: this.desk.token,
      SECRET_RECEIVER: this.receiver.writeKey,
    };
  }

  get connectors(): StoredConnector[] {
    const stage = { mingus_stage: { from: 'lifecycle.stage' as const } };
    const { mapping } = new HubSpotConnector().describe();
    const { events = [] } = new SegmentConnector().describe();
    return [
      {
        name: 'crm',
        system: 'hubspot',
        settings: { baseUrl: this.crm.url },
        secrets: { token: 'env:SECRET_CRM' },
        mapping: { ...mapping, ...stage },
      },
      {
        name: 'desk',
        system: 'request-tracker',
        settings: { baseUrl: this.desk.url, isRequestor: false },
        secrets: { token: 'env:SECRET_DESK' },
      },
      {
        name: 'receiver',
        system: 'segment',
        settings: { baseUrl: this.receiver.url },
        secrets: { writeKey: 'env:SECRET_RECEIVER' },
        events: [...events],
      },
    ];
  }

  /** What has arrived, in the order of arrival and without repeated events. */
  get arrived(): Arrived {
    return {
      contacts: [...this.crm.contacts.values()].map(({ properties }) => ({
        customerId: properties.mingus_customer_id ?? '',
        email: properties.email ?? null,
        stage: properties.mingus_stage ?? null,
      })),
      tickets: this.desk.tickets.map(({ custom }) => custom['MINGUS reference'] ?? ''),
      events: this.receiver.events.map(({ userId = '', event = '', properties }) => ({
        customerId: userId,
        type: event,
        sequence: Number(properties?.sequence),
      })),
    };
  }

  get copies(): Copies {
    const contacts = [...this.crm.arrivals.values()].reduce((sum, count) => sum + count - 1, 0);
    return { contacts, events: this.receiver.dropped.filter((why) => why === 'duplicate').length };
  }

  /** Why events were dropped, other than as repeated ones. */
  get dropped(): string[] {
    return this.receiver.dropped.filter((why) => why !== 'duplicate');
  }
}

function underway(connector: HubSpotConnector | SegmentConnector): number {
  const { rate, batch } = connector.describe();
  return rate.concurrency * batch.rows;
}
