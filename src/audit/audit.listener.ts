import { Injectable } from '@nestjs/common';
import { OnEvent } from '@nestjs/event-emitter';
import { uuidv7 } from '../platform/database/uuid.js';
import { ApiKeyChanged } from '../events/access/api-key-changed.event.js';
import { AlertOperated } from '../events/monitoring/alert-operated.event.js';
import { CustomerCreated } from '../events/customers/customer-created.event.js';
import { CustomerDeleted } from '../events/customers/customer-deleted.event.js';
import { CustomerLinked, CustomerUnlinked } from '../events/customers/customer-links.event.js';
import { CustomerUpdated } from '../events/customers/customer-updated.event.js';
import type { EventOrigin } from '../events/stripe-customer.js';
import { ReconciliationRequested } from '../events/webhooks/reconciliation-requested.event.js';
import { TemplateChanged } from '../events/template-changed.event.js';
import { UserArrived } from '../events/customers/user-arrived.event.js';
import { WebhookEventGivenUp } from '../events/webhooks/webhook-event-given-up.event.js';
import { WebhookEventLinked } from '../events/webhooks/webhook-event-linked.event.js';
import { WebhookEventReplayRequested } from '../events/webhooks/webhook-event-replay-requested.event.js';
import { WebhookEventReplayed } from '../events/webhooks/webhook-event-replayed.event.js';
import { RequestsRefused } from '../events/access/requests-refused.event.js';
import { RowsPurged } from '../events/rows-purged.event.js';
import type { UnitOfWork } from '../platform/unit-of-work/unit-of-work.js';
import { AuditEntry } from './audit-entry.entity.js';
import { behind, doneBy } from './entry-origin.js';
import { NOTHING_PERSONAL, personalValues } from './personal-values.js';

@Injectable()
export class AuditListener {
  @OnEvent(CustomerCreated.eventName, { suppressErrors: false })
  recordCustomerCreated({ customerId, customer, user, origin }: CustomerCreated, unit: UnitOfWork): void {
    unit.insert(AuditEntry, {
      ...causedBy(origin),
      customerId,
      action: 'customer.created',
      objectId: customer.stripeCustomerId,
      details: {
        userId: user.id,
        livemode: customer.livemode,
        apiVersion: origin.apiVersion,
        account: origin.account,
        creationMethod: origin.creationMethod,
        stripeCreatedAt: origin.stripeCreatedAt,
        receivedAt: origin.receivedAt,
      },
    });
  }

  @OnEvent(CustomerUpdated.eventName, { suppressErrors: false })
  recordCustomerUpdated({ customerId, customer, changes, origin }: CustomerUpdated, unit: UnitOfWork): void {
    const fields = Object.keys(changes);
    unit.insert(AuditEntry, {
      ...causedBy(origin),
      customerId,
      action: 'customer.updated',
      objectId: customer.stripeCustomerId,
      details: { stateAt: origin.stateAt, fields },
      ...(fields.length > 0 ? personalValues(changes) : {}),
    });
  }

  @OnEvent(CustomerDeleted.eventName, { suppressErrors: false })
  recordCustomerDeleted(
    { customerId, stripeCustomerId, userId, origin }: CustomerDeleted,
    unit: UnitOfWork,
  ): void {
    unit.insert(AuditEntry, {
      ...causedBy(origin),
      customerId,
      action: 'customer.deleted',
      objectId: stripeCustomerId,
      details: { userId },
    });
  }

  @OnEvent(UserArrived.eventName, { suppressErrors: false })
  recordUserArrived({ userId, stored }: UserArrived, unit: UnitOfWork): void {
    unit.insert(AuditEntry, {
      ...doneBy('operator'),
      customerId: null,
      action: stored ? 'user.created' : 'user.arrived',
      objectType: 'user',
      objectId: userId,
      details: stored ? { createdAt: stored.createdAt.toISOString() } : {},
      ...(stored ? personalValues({ email: stored.email, name: stored.name }) : {}),
    });
  }

  @OnEvent(CustomerLinked.eventName, { suppressErrors: false })
  recordCustomerLinked(
    { customerId, stripeCustomerId, userIdBefore, user }: CustomerLinked,
    unit: UnitOfWork,
  ): void {
    unit.insert(AuditEntry, {
      ...doneBy('operator'),
      customerId,
      action: 'customer.linked',
      objectType: 'customer',
      objectId: stripeCustomerId,
      details: { userId: { before: userIdBefore, after: user.id } },
    });
  }

  @OnEvent(CustomerUnlinked.eventName, { suppressErrors: false })
  recordCustomerUnlinked(
    { customerId, stripeCustomerId, userIdBefore }: CustomerUnlinked,
    unit: UnitOfWork,
  ): void {
    unit.insert(AuditEntry, {
      ...doneBy('operator'),
      customerId,
      action: 'customer.unlinked',
      objectType: 'customer',
      objectId: stripeCustomerId,
      details: { userId: { before: userIdBefore, after: null } },
    });
  }

  @OnEvent(WebhookEventLinked.eventName, { suppressErrors: false })
  recordEventLinked(
    { stripeEventId, customerId, userId, effect }: WebhookEventLinked,
    unit: UnitOfWork,
  ): void {
    unit.insert(AuditEntry, {
      ...doneBy('operator'),
      customerId,
      action: 'webhook_event.linked',
      objectType: 'webhook_event',
      objectId: stripeEventId,
      stripeEventId,
      details: { userId, ...effect },
    });
  }

  @OnEvent(WebhookEventGivenUp.eventName, { suppressErrors: false })
  recordEventGivenUp({ stripeEventId, days }: WebhookEventGivenUp, unit: UnitOfWork): void {
    unit.insert(AuditEntry, {
      ...doneBy('system'),
      customerId: null,
      action: 'webhook_event.given_up',
      objectType: 'webhook_event',
      objectId: stripeEventId,
      stripeEventId,
      details: { outcomeBefore: 'pending_user', outcome: 'unmatched', days },
    });
  }

  @OnEvent(WebhookEventReplayed.eventName, { suppressErrors: false })
  recordEventReplayed(
    { stripeEventId, customerId, effect, replayId }: WebhookEventReplayed,
    unit: UnitOfWork,
  ): void {
    unit.insert(AuditEntry, {
      ...doneBy('operator'),
      customerId,
      action: 'webhook_event.replayed',
      objectType: 'webhook_event',
      objectId: stripeEventId,
      stripeEventId,
      details: { ...effect, replayId },
    });
  }

  @OnEvent(ReconciliationRequested.eventName, { suppressErrors: false })
  recordReconciliationRequested(
    { reconciliationId, act, source, details }: ReconciliationRequested,
    unit: UnitOfWork,
  ): void {
    const isScheduled = source === 'schedule';
    unit.insert(AuditEntry, {
      ...doneBy('operator'),
      customerId: null,
      action: `reconciliation.${act}`,
      ...(isScheduled ? { actorType: 'system' } : {}),
      objectType: 'reconciliation',
      objectId: reconciliationId,
      source: isScheduled ? 'job' : source,
      details: { ...details },
    });
  }

  @OnEvent(WebhookEventReplayRequested.eventName, { suppressErrors: false })
  recordReplayRequested({ replayId, act, replay }: WebhookEventReplayRequested, unit: UnitOfWork): void {
    unit.insert(AuditEntry, {
      ...doneBy('operator'),
      customerId: null,
      action: `webhook_event_replay.${act}`,
      objectType: 'webhook_event_replay',
      objectId: replayId,
      details: { ...replay },
    });
  }

  @OnEvent(ApiKeyChanged.eventName, { suppressErrors: false })
  recordApiKeyChanged({ keyId, act, key }: ApiKeyChanged, unit: UnitOfWork): void {
    unit.insert(AuditEntry, {
      ...doneBy('operator'),
      customerId: null,
      action: `api_key.${act}`,
      objectType: 'api_key',
      objectId: keyId,
      details: { ...key },
    });
  }

  @OnEvent(RequestsRefused.eventName, { suppressErrors: false })
  recordRefusals({ refusals }: RequestsRefused, unit: UnitOfWork): void {
    for (const { route, network, caller, firstAt, ...details } of refusals) {
      unit.insert(AuditEntry, {
        ...doneBy(caller ? 'operator' : 'unknown'),
        ...(caller ? { actorId: caller.id, actorName: caller.name } : {}),
        customerId: null,
        action: 'request.refused',
        objectType: 'route',
        objectId: route,
        source: 'http',
        ...whereFrom(network, caller !== null),
        details: { ...details, firstAt },
        occurredAt: new Date(firstAt),
      });
    }
  }

  @OnEvent(RowsPurged.eventName, { suppressErrors: false })
  recordPurge({ table, count, retention }: RowsPurged, unit: UnitOfWork): void {
    unit.insert(AuditEntry, {
      ...doneBy('system'),
      customerId: null,
      action: 'rows.purged',
      objectType: 'table',
      objectId: table,
      details: { count, ...retention },
    });
  }

  @OnEvent(AlertOperated.eventName, { suppressErrors: false })
  recordAlertOperated({ name, act, details }: AlertOperated, unit: UnitOfWork): void {
    unit.insert(AuditEntry, {
      ...doneBy('operator'),
      customerId: null,
      action: `alert.${act}`,
      objectType: 'alert',
      objectId: name,
      details: { ...details },
    });
  }

  @OnEvent(TemplateChanged.eventName, { suppressErrors: false })
  recordTemplateChanged({ act, template, versions }: TemplateChanged, unit: UnitOfWork): void {
    unit.insert(AuditEntry, {
      ...doneBy('operator'),
      customerId: null,
      action: `template.${act}`,
      objectType: 'template',
      objectId: template,
      details: { ...versions },
    });
  }
}

/** What the entries about an event from Stripe have in common. */
function causedBy(origin: EventOrigin) {
  const now = new Date();
  return {
    id: uuidv7(),
    actorType: 'stripe',
    actorId: origin.requestId,
    objectType: 'customer',
    source: origin.imported ? 'reconciliation' : 'webhook',
    stripeEventId: origin.stripeEventId,
    processingMs: now.getTime() - Date.parse(origin.receivedAt),
    occurredAt: now,
    ...behind(),
    ...NOTHING_PERSONAL,
  } as const;
}

/** The address of a stranger may be a customer's: it can be forgotten. */
function whereFrom(network: string | null, isKnown: boolean): Partial<AuditEntry> {
  if (network === null) return {};
  return isKnown ? { ip: network } : personalValues({ ip: network });
}
