import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager, In } from 'typeorm';
import { Customer } from '../../customers/customer.entity.js';
import type { EventImport } from '../../events/stripe-customer.js';
import { StripeClient } from '../../platform/stripe/stripe-client.service.js';
import { differencesOf } from '../stripe/customer-difference.js';
import { type EventOutcome, OPEN_OUTCOMES } from '../stripe/event-outcome.js';
import { customerNamedBy, translateCustomer } from '../stripe/stripe-customer.js';
import { parseReceivedEvent, type ReceivedEvent, toStorable } from '../stripe/received-event.js';
import { WebhookEvent } from '../inbox/webhook-event.entity.js';
import { toGoneEvent, toListedEvent } from '../stripe/listed-customer.js';
import { type BillingPhase, compareBilling } from './billing-comparison.js';
import { type Found, missing } from './found.js';
import type { Reconciliation } from './reconciliation.entity.js';
import { StripeLists, type StripeObject, type StripePage } from './stripe-lists.service.js';

/**
 * More missing customers than this beside one page are no drift: the key belongs to another account, or
 * Stripe's data were wiped.
 */
const EXTRAS_MAX = 1000;

/** The differences on one page of a list. */
export interface Drift {
  found: Found[];
  /** The number of other objects whose events were decided before and had no effect. */
  unmatched: number;
}

/** An implausible number of our customers is missing in Stripe. */
export class TooManyExtras extends Error {}

/** Compares Stripe's lists with the stored data; writes nothing. */
@Injectable()
export class DriftDetector {
  constructor(
    private readonly client: StripeClient,
    private readonly lists: StripeLists,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  detect(manager: EntityManager, run: Reconciliation, page: StripePage): Promise<Drift> {
    const imported = importOf(run);
    if (page.cursor.phase === 'customers') return this.compareCustomers(manager, page, imported);
    return isOfBilling(page)
      ? this.compareBilling(manager, page, imported)
      : this.compareEvents(manager, page, imported);
  }

  /**
   * Stored customers that were created in the range of the page and are not on it. Each is looked up in
   * Stripe.
   * @param listed ids on this page, and those of its first second on pages before
   * @throws TooManyExtras
   */
  async findExtras(run: Reconciliation, page: StripePage, listed: ReadonlySet<string>): Promise<Found[]> {
    const until = page.cursor.positionCreatedAt ?? run.until;
    const last = page.objects.at(-1);
    const since = page.hasMore && last ? new Date((last.created + 1) * 1000) : (run.since ?? new Date(0));
    const livemode = this.client.isLive;
    const rows: { id: string }[] = await this.dataSource.query(NOT_LISTED, [
      since,
      until,
      livemode,
      [...listed],
    ]);
    if (rows.length > EXTRAS_MAX) throw new TooManyExtras();
    const found: Found[] = [];
    for (const { id } of rows) {
      const { state, at } = await this.lists.lookUp(id);
      const extra = { ...missing(id, null), kind: 'extra' as const };
      const received = toGoneEvent({ id, livemode }, at, importOf(run));
      if (state === 'deleted') found.push({ ...extra, received, reason: null });
      if (state === 'missing') found.push({ ...extra, received: null, reason: 'unknown_to_stripe' });
    }
    return found;
  }

  private async compareEvents(
    manager: EntityManager,
    page: StripePage,
    imported: EventImport,
  ): Promise<Drift> {
    const receivedAt = new Date();
    const events = page.objects.flatMap((object) => {
      const received = parseReceivedEvent(Buffer.from(JSON.stringify(object)), receivedAt);
      return received ? { ...received, imported } : [];
    });
    const candidates = events.map((received) => missing(customerNamedBy(received.object), received));
    return withoutDecided(candidates, await outcomesOf(manager, events), () => false);
  }

  private async compareCustomers(
    manager: EntityManager,
    { objects, stateAt }: StripePage,
    imported: EventImport,
  ): Promise<Drift> {
    const ids = objects.map(({ id }) => id);
    const rows = await manager.findBy(Customer, { stripeCustomerId: In(ids), livemode: this.client.isLive });
    const stored = new Map(rows.map((row) => [row.stripeCustomerId, row]));
    const candidates = objects.flatMap((object) => {
      const row = stored.get(object.id);
      if (!row) return missing(object.id, toListedEvent(object, stateAt, imported));
      const isNewer = row.deletedAt !== null || row.stateAt >= stateAt;
      return isNewer ? [] : differenceOf(object, row, stateAt, imported);
    });
    return withoutThoseDecided(manager, candidates);
  }

  private async compareBilling(
    manager: EntityManager,
    page: BillingPage,
    imported: EventImport,
  ): Promise<Drift> {
    return withoutThoseDecided(manager, await compareBilling(manager, page, imported));
  }
}

type BillingPage = StripePage & { cursor: { phase: BillingPhase } };

const BILLING_PHASES: ReadonlySet<string> = new Set(['subscriptions', 'invoices', 'disputes']);

function isOfBilling(page: StripePage): page is BillingPage {
  return BILLING_PHASES.has(page.cursor.phase);
}

/** Customers of connected accounts and of test clocks are in other lists. */
const NOT_LISTED = `
  select stripe_customer_id as id
  from customers
  where stripe_created_at >= $1 and stripe_created_at <= $2 and livemode = $3
    and deleted_at is null and account is null and test_clock is null
    and not stripe_customer_id = any($4::text[])
  limit ${EXTRAS_MAX + 1}`;

/** Outcomes after which no customer is expected. */
export const NO_CUSTOMER: ReadonlySet<EventOutcome> = new Set([
  'unmatched',
  'rejected',
  'pending_user',
  'pending_customer',
  'ignored',
]);

function importOf({ id, notify }: Reconciliation): EventImport {
  return { reconciliationId: id, notify };
}

function differenceOf(object: StripeObject, row: Customer, stateAt: Date, imported: EventImport): Found[] {
  const translated = translateCustomer(toStorable(object), object.livemode);
  const fields = translated.valid ? Object.keys(differencesOf(translated.customer, row)) : [];
  if (translated.valid && fields.length === 0) return [];
  const received = toListedEvent(object, stateAt, imported, row.stateAt);
  return [{ ...missing(object.id, received), kind: 'different', fields }];
}

/** Leaves out objects of which an event was decided before; the rows of those with an effect are lost. */
async function withoutThoseDecided(manager: EntityManager, candidates: readonly Found[]): Promise<Drift> {
  const events = candidates.flatMap(({ received }) => received ?? []);
  const hadEffect = (outcome: EventOutcome) => !NO_CUSTOMER.has(outcome);
  return withoutDecided(candidates, await outcomesOf(manager, events), hadEffect);
}

async function outcomesOf(
  manager: EntityManager,
  events: readonly ReceivedEvent[],
): Promise<Map<string, EventOutcome>> {
  if (events.length === 0) return new Map();
  const rows = await manager.find(WebhookEvent, {
    select: { stripeEventId: true, outcome: true },
    where: { stripeEventId: In(events.map(({ stripeEventId }) => stripeEventId)) },
  });
  return new Map(rows.map(({ stripeEventId, outcome }) => [stripeEventId, outcome]));
}

/**
 * Leaves out objects whose events have a final outcome.
 * @param isLost whether an event with this outcome should have left rows, which are missing
 */
function withoutDecided(
  candidates: readonly Found[],
  outcomes: ReadonlyMap<string, EventOutcome>,
  isLost: (outcome: EventOutcome) => boolean,
): Drift {
  const drift: Drift = { found: [], unmatched: 0 };
  for (const candidate of candidates) {
    const outcome = outcomes.get(candidate.received?.stripeEventId ?? '');
    if (outcome === undefined) drift.found.push(candidate);
    else if (OPEN_OUTCOMES.includes(outcome)) drift.found.push({ ...candidate, isOpen: true });
    else if (isLost(outcome)) drift.found.push({ ...candidate, received: null, reason: 'rows_lost' });
    else if (NO_CUSTOMER.has(outcome)) drift.unmatched += 1;
  }
  return drift;
}
