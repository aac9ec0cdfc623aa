import type { StripeSubscription } from '../../events/stripe-subscription.js';
import type { KnownBilling, StoredState } from '../decision/known-billing.js';

export interface BillingRow {
  livemode: boolean;
  stripe_customer_id: string;
  /** Whether the customer was deleted or erased. */
  has_ended: boolean;
  stage: string | null;
  revision: number | null;
  mrr: Record<string, number> | null;
  first_paid_at: Date | null;
  subscriptions: JsonRow[];
  invoices: JsonRow[];
  disputes: JsonRow[];
}

/** A row as JSON. */
type JsonRow = Record<string, unknown> & { status: string; state_at: string; state_told_by: string };

/**
 * For customers ($1) all subscriptions, and of invoices and disputes only those that matter to the stage and those
 * that the events are about ($2): what it costs does not grow with the history of a customer. One statement, so that
 * everything is of one moment.
 */
export const KNOWN_BILLING = `
  select c.livemode, c.stripe_customer_id, (c.deleted_at is not null or c.erased_at is not null) as has_ended,
    l.stage, r.revision, r.mrr, r.first_paid_at,
    array(select to_jsonb(s) from subscriptions s where s.customer_id = c.id) as subscriptions,
    array(
      select to_jsonb(i) from invoices i where i.customer_id = c.id and i.is_payment_failed
      union
      select to_jsonb(i) from invoices i where i.customer_id = c.id and i.stripe_invoice_id = any($2::text[])
    ) as invoices,
    array(
      select to_jsonb(d) from disputes d where d.customer_id = c.id and d.is_open
      union
      select to_jsonb(d) from disputes d where d.customer_id = c.id and d.stripe_dispute_id = any($2::text[])
    ) as disputes
  from customers c
  left join customer_lifecycles l on l.customer_id = c.id
  left join customer_revenues r on r.customer_id = c.id
  where c.stripe_customer_id = any($1::text[])`;

export function toKnownBilling(row: BillingRow): KnownBilling {
  const subscriptions = row.subscriptions.map((each) => toState(each, SUBSCRIPTION));
  const invoices = row.invoices.map((each) => toState(each, INVOICE));
  const disputes = row.disputes.map((each) => toState(each, DISPUTE));
  const failed = row.invoices.filter(({ is_payment_failed }) => is_payment_failed);
  const open = row.disputes.filter(({ is_open }) => is_open);
  return {
    standing: {
      subscriptions: subscriptions.map(([, { reported }]) => reported as StripeSubscription),
      failedInvoices: failed.map(({ stripe_invoice_id }) => String(stripe_invoice_id)),
      openDisputes: open.map(({ stripe_dispute_id }) => String(stripe_dispute_id)),
      firstPaidAt: row.first_paid_at?.toISOString() ?? null,
    },
    revenue: { revision: row.revision ?? 0, mrr: row.mrr ?? {} },
    stage: row.stage,
    objects: new Map([...subscriptions, ...invoices, ...disputes]),
  };
}

/** The properties of the translated object, each in the column of the same name. */
const SUBSCRIPTION = {
  id: 'stripe_subscription_id',
  kept: [
    'stripe_subscription_id',
    'status',
    'items',
    'discounts',
    'cancel_at_period_end',
    'is_collection_paused',
    'test_clock',
    'is_price_known',
  ],
  times: [
    'cancel_at',
    'canceled_at',
    'ended_at',
    'trial_start',
    'trial_end',
    'current_period_end',
    'started_at',
  ],
};

const INVOICE = {
  id: 'stripe_invoice_id',
  kept: [
    'stripe_invoice_id',
    'stripe_subscription_id',
    'status',
    'currency',
    'amount_due_minor',
    'amount_paid_minor',
    'is_payment_failed',
  ],
  times: ['paid_at', 'stripe_created_at'],
};

const DISPUTE = {
  id: 'stripe_dispute_id',
  kept: ['stripe_dispute_id', 'stripe_charge_id', 'status', 'is_open', 'reason', 'currency', 'amount_minor'],
  times: ['stripe_created_at'],
};

function toState(row: JsonRow, { id, kept, times }: typeof DISPUTE): [id: string, state: StoredState] {
  const reported = Object.fromEntries([
    ...kept.map((column) => [toCamelCase(column), row[column]]),
    ...times.map((column) => [toCamelCase(column), toIsoTime(row[column])]),
  ]) as object;
  const { status, state_at: stateAt, state_told_by: stateToldBy } = row;
  return [String(row[id]), { reported, status, stateAt: new Date(stateAt), stateToldBy }];
}

function toIsoTime(value: unknown): string | null {
  return typeof value === 'string' ? new Date(value).toISOString() : null;
}

/** The property of a column. It is computed once, because each event reads hundreds of columns. */
export function toCamelCase(column: string): string {
  let property = PROPERTIES.get(column);
  if (property === undefined) {
    property = column.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
    PROPERTIES.set(column, property);
  }
  return property;
}

const PROPERTIES = new Map<string, string>();
