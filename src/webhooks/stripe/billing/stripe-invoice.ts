import { INVOICE_STATUSES, type InvoiceStatus, type StripeInvoice } from '../../../events/stripe-invoice.js';
import { type ObjectFields, refuse, type Translated, translateObject } from './object-fields.js';

const KIND = 'invoice';

/** Types of events about a failed payment; some invoices do not show the failure themselves. */
const FAILURES = /\binvoice\.(payment_failed|payment_action_required)$/;

/**
 * Validates a Stripe invoice of any API version and translates it. https://docs.stripe.com/api/invoices/object
 * @param type of the event with the object
 * @param stateAt the time of this state
 */
export function translateInvoice(object: unknown, type: string, stateAt: string): Translated<StripeInvoice> {
  return translateObject(object, KIND, (fields) => {
    const status = statusOf(fields);
    if (!status) return refuse(KIND, 'unknown_status', 'Unknown status');
    return { customer: fields.raw('customer'), reported: readInvoice(fields, status, { type, stateAt }) };
  });
}

/** The invoice with a failure of its payment that is stored already: only the type of an event shows some failures. */
export function withKnownFailure(reported: StripeInvoice, stored: StripeInvoice | undefined): StripeInvoice {
  const hasFailed = reported.status === 'open' && stored?.isPaymentFailed === true;
  return { ...reported, isPaymentFailed: reported.isPaymentFailed || hasFailed };
}

function readInvoice(
  fields: ObjectFields,
  status: InvoiceStatus,
  { type, stateAt }: { type: string; stateAt: string },
): StripeInvoice {
  const isDue = status === 'open' || status === 'uncollectible';
  const wasTried = fields.flag('attempted') || (fields.count('attempt_count') ?? 0) > 0;
  const currency = fields.currency('currency');
  if (currency === null) fields.refuse('currency');
  const paidAt = fields.inner('status_transitions')?.time('paid_at') ?? stateAt;
  return {
    stripeInvoiceId: fields.text('id') ?? '',
    stripeSubscriptionId: subscriptionOf(fields),
    status,
    currency: currency ?? '',
    amountDueMinor: fields.amount('amount_due') ?? 0,
    amountPaidMinor: amountPaidOf(fields, status),
    isPaymentFailed: isDue && (wasTried || FAILURES.test(type)),
    paidAt: status === 'paid' ? paidAt : null,
    stripeCreatedAt: fields.time('created') ?? fields.time('date'),
  };
}

/** Old API versions have flags instead of a status. */
function statusOf(fields: ObjectFields): InvoiceStatus | null {
  const reported = fields.raw('status');
  if (reported !== undefined) return INVOICE_STATUSES.find((known) => known === reported) ?? null;
  if (fields.flag('paid')) return 'paid';
  if (fields.flag('forgiven')) return 'uncollectible';
  return fields.flag('closed') ? 'void' : 'open';
}

/** The oldest API versions have only the amount that was due. */
function amountPaidOf(fields: ObjectFields, status: InvoiceStatus): number {
  const reported = fields.amount('amount_paid');
  return reported ?? (status === 'paid' ? (fields.amount('amount_due') ?? 0) : 0);
}

/** Since API 2025-03-31 the subscription is in `parent`. */
function subscriptionOf(fields: ObjectFields): string | null {
  return (
    fields.reference('subscription') ??
    fields.inner('parent')?.inner('subscription_details')?.reference('subscription') ??
    null
  );
}
