import { ApiKeyChanged } from '../events/access/api-key-changed.event.js';
import { RequestsRefused } from '../events/access/requests-refused.event.js';
import { CustomerCreated } from '../events/customers/customer-created.event.js';
import { CustomerDeleted } from '../events/customers/customer-deleted.event.js';
import { CustomerLinked, CustomerUnlinked } from '../events/customers/customer-links.event.js';
import { CustomerUpdated } from '../events/customers/customer-updated.event.js';
import { PersonalDataExported } from '../events/customers/personal-data-exported.event.js';
import { UserArrived } from '../events/customers/user-arrived.event.js';
import { ArmsAssigned } from '../events/experiments/arms-assigned.event.js';
import { LeadMilestoneReached } from '../events/lifecycle/lead-milestone-reached.event.js';
import { MilestoneReached } from '../events/lifecycle/milestone-reached.event.js';
import { AlertOperated } from '../events/monitoring/alert-operated.event.js';
import {
  AddressSuppressionChanged,
  MailReportKept,
  MailReportRemoved,
  MessageChoicesChanged,
  NotificationBounced,
  NotificationGivenUp,
  NotificationOperated,
} from '../events/notification-facts.event.js';
import { NotificationSent } from '../events/notification-sent.event.js';
import { OperatorActed } from '../events/operator-acted.event.js';
import { PortalAccessChanged, type PortalAccessState } from '../events/portal/portal-access-changed.event.js';
import { PortalAccessed } from '../events/portal/portal-accessed.event.js';
import { RowsPurged } from '../events/rows-purged.event.js';
import { ChargeRefunded } from '../events/subscriptions/charge-refunded.event.js';
import { CheckoutEnded } from '../events/subscriptions/checkout-ended.event.js';
import { DisputeChanged } from '../events/subscriptions/dispute-changed.event.js';
import { InvoiceChanged } from '../events/subscriptions/invoice-changed.event.js';
import { SubscriptionChanged } from '../events/subscriptions/subscription-changed.event.js';
import { TemplateChanged } from '../events/template-changed.event.js';
import { ReconciliationRequested } from '../events/webhooks/reconciliation-requested.event.js';
import { WebhookEventGivenUp } from '../events/webhooks/webhook-event-given-up.event.js';
import { WebhookEventLinked } from '../events/webhooks/webhook-event-linked.event.js';
import { WebhookEventReplayRequested } from '../events/webhooks/webhook-event-replay-requested.event.js';
import { WebhookEventReplayed } from '../events/webhooks/webhook-event-replayed.event.js';
import { currentCause } from '../platform/cause.js';
import { type AuditedFact, on, onBilling, onCustomer, onEach } from './audited-fact.js';
import { type AuditedAct, entryBy } from './entry-origin.js';
import { personalValues } from './personal-values.js';

/** The audit entries of each fact, by subject. A fact that is not listed has no entry. */
export const AUDITED_FACTS: readonly AuditedFact[] = [
  // Customers and users
  onCustomer(CustomerCreated, 'customer.created', ({ user, customer, origin, arms }) => ({
    userId: user.id,
    livemode: customer.livemode,
    apiVersion: origin.apiVersion,
    account: origin.account,
    creationMethod: origin.creationMethod,
    stripeCreatedAt: origin.stripeCreatedAt,
    receivedAt: origin.receivedAt,
    ...armsOf(arms.filter(({ isNew }) => isNew)),
  })),
  onCustomer(
    CustomerUpdated,
    'customer.updated',
    ({ changes, origin }) => ({ stateAt: origin.stateAt, fields: Object.keys(changes) }),
    ({ changes }) => (Object.keys(changes).length > 0 ? changes : null),
  ),
  onCustomer(CustomerDeleted, 'customer.deleted', ({ userId }) => ({ userId })),
  on(CustomerLinked, 'operator', ({ customerId, stripeCustomerId, userIdBefore, user }) => ({
    action: 'customer.linked',
    object: ['customer', stripeCustomerId],
    customerId,
    details: { userId: { before: userIdBefore, after: user.id } },
  })),
  on(CustomerUnlinked, 'operator', ({ customerId, stripeCustomerId, userIdBefore }) => ({
    action: 'customer.unlinked',
    object: ['customer', stripeCustomerId],
    customerId,
    details: { userId: { before: userIdBefore, after: null } },
  })),
  onEach(PersonalDataExported, ({ stripeCustomerId, customerIds, rows }) =>
    (customerIds.length > 0 ? customerIds : [null]).map((customerId) => {
      const object = ['customer', stripeCustomerId] as const;
      return entryBy('operator', { action: 'customer.exported', object, customerId, details: { rows } });
    }),
  ),
  on(UserArrived, 'operator', ({ userId, stored }) => ({
    action: stored ? 'user.created' : 'user.arrived',
    object: ['user', userId],
    details: stored ? { createdAt: stored.createdAt.toISOString() } : {},
    ...(stored ? personalValues({ email: stored.email, name: stored.name }) : {}),
  })),

  // Subscriptions and payments
  onBilling(SubscriptionChanged, 'subscription.changed', ({ subscription, previous, origin }) => ({
    stripeSubscriptionId: subscription.stripeSubscriptionId,
    status: { before: previous?.status ?? null, after: subscription.status },
    stateAt: origin.stateAt,
  })),
  onBilling(InvoiceChanged, 'invoice.changed', ({ invoice, previous, origin }) => ({
    stripeInvoiceId: invoice.stripeInvoiceId,
    status: { before: previous?.status ?? null, after: invoice.status },
    isPaymentFailed: invoice.isPaymentFailed,
    amountPaidMinor: invoice.amountPaidMinor,
    currency: invoice.currency,
    stateAt: origin.stateAt,
  })),
  onBilling(DisputeChanged, 'dispute.changed', ({ dispute, previous, origin }) => ({
    stripeDisputeId: dispute.stripeDisputeId,
    status: { before: previous?.status ?? null, after: dispute.status },
    amountMinor: dispute.amountMinor,
    currency: dispute.currency,
    stateAt: origin.stateAt,
  })),
  onCustomer(CheckoutEnded, 'checkout.ended', ({ session }) => ({ ...session })),
  onCustomer(ChargeRefunded, 'charge.refunded', ({ charge }) => ({ ...charge })),
  on(MilestoneReached, 'system', ({ customerId, stripeCustomerId, milestone, reachedAt }) => ({
    action: 'milestone.reached',
    object: ['customer', stripeCustomerId],
    customerId,
    source: 'service_api',
    details: { milestone, reachedAt: reachedAt.toISOString() },
  })),
  on(LeadMilestoneReached, 'system', ({ userId, milestone, reachedAt }) => ({
    action: 'milestone.reached',
    object: ['user', userId],
    source: 'service_api',
    details: { milestone, reachedAt: reachedAt.toISOString() },
  })),
  on(ArmsAssigned, 'system', ({ userId, arms }) => ({
    action: 'arms.assigned',
    object: ['user', userId],
    source: 'service_api',
    details: armsOf(arms),
  })),

  // Webhook events
  on(WebhookEventLinked, 'operator', ({ stripeEventId, customerId, userId, effect }) => ({
    action: 'webhook_event.linked',
    object: ['webhook_event', stripeEventId],
    customerId,
    stripeEventId,
    details: { userId, ...effect },
  })),
  on(WebhookEventReplayed, 'operator', ({ stripeEventId, customerId, effect, replayId }) => ({
    action: 'webhook_event.replayed',
    object: ['webhook_event', stripeEventId],
    customerId,
    stripeEventId,
    details: { ...effect, replayId },
  })),
  on(WebhookEventGivenUp, 'system', ({ stripeEventId, outcomeBefore, days }) => ({
    action: 'webhook_event.given_up',
    object: ['webhook_event', stripeEventId],
    stripeEventId,
    details: { outcomeBefore, outcome: 'unmatched', days },
  })),
  on(WebhookEventReplayRequested, 'operator', ({ replayId, act, replay }) => ({
    action: `webhook_event_replay.${act}`,
    object: ['webhook_event_replay', replayId],
    details: { ...replay },
  })),
  on(ReconciliationRequested, 'operator', ({ reconciliationId, act, source, details }) => ({
    action: `reconciliation.${act}`,
    object: ['reconciliation', reconciliationId],
    ...(source === 'schedule' ? { actorType: 'system', source: 'job' } : { source }),
    details: { ...details },
  })),

  // Messages
  on(NotificationSent, 'system', ({ notificationId, customerId, message: { kind, channel } }) => ({
    action: 'notification.sent',
    object: ['notification', notificationId],
    customerId,
    details: { kind, channel },
  })),
  on(NotificationGivenUp, 'system', ({ notificationId, customerId, status, notification }) => ({
    action: `notification.${status}`,
    object: ['notification', notificationId],
    customerId,
    details: { ...notification },
  })),
  on(NotificationOperated, 'operator', ({ notificationId, customerId, act, notification }) => ({
    action: `notification.${act}`,
    object: ['notification', notificationId],
    customerId,
    details: { ...notification },
  })),
  on(NotificationBounced, 'system', ({ notificationId, customerId, outcome, report }) => ({
    action: 'notification.bounced',
    object: ['notification', notificationId],
    customerId,
    source: 'webhook',
    details: { outcome, ...report },
  })),
  on(
    AddressSuppressionChanged,
    ({ cause }) => (cause ? 'system' : 'operator'),
    ({ suppressionId, act, suppression: { address, ...details }, cause }) => ({
      action: `address_suppression.${act}`,
      object: ['suppression', suppressionId],
      customerId: cause?.customerId ?? null,
      details: { ...details, ...(cause ? { notificationId: cause.notificationId } : {}) },
      ...personalValues({ address }),
    }),
  ),
  on(MailReportKept, 'system', ({ reportId, customerId, reason }) => ({
    action: 'mail_report.kept',
    object: ['mail_report', reportId],
    customerId,
    source: 'webhook',
    details: { reason },
  })),
  on(MailReportRemoved, 'operator', ({ reportId, customerId }) => ({
    action: 'mail_report.removed',
    object: ['mail_report', reportId],
    customerId,
    details: {},
  })),
  on(MessageChoicesChanged, 'customer', ({ customerId, stripeCustomerId, via, change }) => ({
    action: 'message_choices.changed',
    object: ['customer', stripeCustomerId],
    customerId,
    source: via,
    details: { before: change.before, after: change.after },
  })),
  on(TemplateChanged, 'operator', ({ act, template, versions }) => ({
    action: `template.${act}`,
    object: ['template', template],
    details: { ...versions },
  })),

  // The billing portal
  on(PortalAccessed, 'customer', ({ customerId, stripeCustomerId, via, isFirst }) => ({
    action: 'portal.accessed',
    object: ['customer', stripeCustomerId],
    customerId,
    source: via === 'link' ? 'portal' : 'service_api',
    details: { isFirst },
  })),
  on(PortalAccessChanged, 'operator', ({ customerId, stripeCustomerId, act, reason, change }) => ({
    action: `portal_access.${act}`,
    object: ['customer', stripeCustomerId],
    customerId,
    details: { before: accessOf(change.before), after: accessOf(change.after) },
    ...personalValues({ reason }),
  })),

  // Operation
  on(OperatorActed, 'operator', ({ action, object, details }) => ({
    action,
    object: [object.type, object.id],
    details: { ...details },
  })),
  on(AlertOperated, 'operator', ({ name, act, details }) => ({
    action: `alert.${act}`,
    object: ['alert', name],
    details: { ...details },
  })),
  on(ApiKeyChanged, 'operator', ({ keyId, act, key }) => ({
    action: `api_key.${act}`,
    object: ['api_key', keyId],
    details: { ...key },
  })),
  onEach(RequestsRefused, ({ refusals }) =>
    refusals.map(({ route, network, caller, firstAt, ...details }) =>
      entryBy(caller ? 'operator' : 'unknown', {
        action: 'request.refused',
        object: ['route', route],
        ...(caller ? { actorId: caller.id, actorName: caller.name } : {}),
        source: 'http',
        ...addressOf(network, caller !== null),
        details: { ...details, firstAt },
        occurredAt: new Date(firstAt),
      }),
    ),
  ),
  on(
    RowsPurged,
    () => (currentCause().caller ? 'operator' : 'system'),
    ({ table, count, retention }) => ({
      action: 'rows.purged',
      object: ['table', table],
      details: { count, ...retention },
    }),
  ),
];

function accessOf({ status, permissions }: PortalAccessState): object {
  return { status, permissions };
}

/** Empty without an arm. */
function armsOf(arms: readonly { experiment: string; arm: string }[]): { arms?: Record<string, string> } {
  if (arms.length === 0) return {};
  return { arms: Object.fromEntries(arms.map(({ experiment, arm }) => [experiment, arm])) };
}

/** The address of an unknown caller may belong to a customer, so it can be erased. */
function addressOf(network: string | null, isKnown: boolean): Partial<AuditedAct> {
  if (network === null) return {};
  return isKnown ? { ip: network } : personalValues({ ip: network });
}
