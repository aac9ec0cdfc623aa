import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager, In } from 'typeorm';
import { Customer } from '../../../customers/customer.entity.js';
import type { EventImport } from '../../../events/stripe-customer.js';
import { StripeClient } from '../../../platform/stripe/stripe-client.service.js';
import { differencesOf } from '../../decision/customer-difference.js';
import { type EventOutcome, OPEN_OUTCOMES } from '../../decision/event-outcome.js';
import { translateCustomer } from '../../decision/stripe-customer.js';
import { isRecord, parseReceivedEvent, type ReceivedEvent, toStorable } from '../../intake/received-event.js';
import { WebhookEvent } from '../../webhook-event.entity.js';
import { toGoneEvent, toListedEvent } from './listed-customer.js';
import type { FindingKind } from '../reconciliation-finding.entity.js';
import type { Reconciliation } from '../reconciliation.entity.js';
import { StripeLists, type StripeObject, type StripePage } from '../stripe-lists.service.js';

/** More than this beside one page is no drift: the key belongs to another account, or data were wiped. */
const EXTRAS_MAX = 1000;

/** A difference, with the event that makes it good. */
export interface Found {
  kind: FindingKind;
  stripeCustomerId: string | null;
  /** Null: nothing can be done about it, for this reason. */
  received: ReceivedEvent | null;
  reason: string | null;
  fields: string[];
  /** It has been decided about before, without an end: no news unless there is one now. */
  isOpen: boolean;
}

/** What a page of a list shows. */
export interface Drift {
  found: Found[];
  /** Of the others: decided about before, and nothing came of it. */
  unmatched: number;
}

/** More of our customers are missing in Stripe than can be true. */
export class TooManyExtras extends Error {}

/** Compares what Stripe lists with what we have; writes nothing. */
@Injectable()
export class DriftDetector {
  constructor(
    private readonly client: StripeClient,
    private readonly lists: StripeLists,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  detect(manager: EntityManager, run: Reconciliation, page: StripePage): Promise<Drift> {
    return page.cursor.phase === 'customers'
      ? this.compareCustomers(manager, page, importOf(run))
      : this.compareEvents(manager, page, importOf(run));
  }

  /**
   * Customers of ours that were created in the page's range and are not on it; Stripe is asked about each.
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
    const candidates = events.map((received) => missing(customerIdOf(received), received));
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
    const events = candidates.flatMap(({ received }) => received ?? []);
    const hadEffect = (outcome: EventOutcome) => !NO_CUSTOMER.has(outcome);
    return withoutDecided(candidates, await outcomesOf(manager, events), hadEffect);
  }
}

/** Connected accounts and test clocks have lists of their own. */
const NOT_LISTED = `
  select stripe_customer_id as id
  from customers
  where stripe_created_at >= $1 and stripe_created_at <= $2 and livemode = $3
    and deleted_at is null and account is null and test_clock is null
    and not stripe_customer_id = any($4::text[])
  limit ${EXTRAS_MAX + 1}`;

/** Outcomes after which there is no customer, and that is right. */
export const NO_CUSTOMER: ReadonlySet<EventOutcome> = new Set([
  'unmatched',
  'rejected',
  'pending_user',
  'ignored',
]);

function importOf({ id, notify }: Reconciliation): EventImport {
  return { reconciliationId: id, notify };
}

function missing(stripeCustomerId: string | null, received: ReceivedEvent | null): Found {
  return { kind: 'missing', stripeCustomerId, received, reason: null, fields: [], isOpen: false };
}

function differenceOf(object: StripeObject, row: Customer, stateAt: Date, imported: EventImport): Found[] {
  const translated = translateCustomer(toStorable(object), object.livemode);
  const fields = translated.valid ? Object.keys(differencesOf(translated.customer, row)) : [];
  if (translated.valid && fields.length === 0) return [];
  const received = toListedEvent(object, stateAt, imported, row.stateAt);
  return [{ ...missing(object.id, received), kind: 'different', fields }];
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
 * Leaves out what the inbox has an end for.
 * @param isLost whether something should have come of an event with this outcome, and has not
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

function customerIdOf({ object }: ReceivedEvent): string | null {
  return isRecord(object) && typeof object.id === 'string' ? object.id : null;
}
