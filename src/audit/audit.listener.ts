import { Injectable } from '@nestjs/common';
import { OnEvent } from '@nestjs/event-emitter';
import { uuidv7 } from '../platform/database/uuid.js';
import { CustomerCreated } from '../events/customer-created.event.js';
import { UserArrived } from '../events/user-arrived.event.js';
import type { UnitOfWork } from '../platform/database/unit-of-work.js';
import { AuditEntry } from './audit-entry.entity.js';

@Injectable()
export class AuditListener {
  @OnEvent(CustomerCreated.eventName, { suppressErrors: false })
  recordCustomerCreated({ customerId, customer, user, origin }: CustomerCreated, unit: UnitOfWork): void {
    const now = new Date();
    unit.insert(AuditEntry, {
      id: uuidv7(),
      customerId,
      action: 'customer.created',
      actorType: 'stripe',
      actorId: origin.requestId,
      objectType: 'customer',
      objectId: customer.stripeCustomerId,
      source: 'webhook',
      stripeEventId: origin.stripeEventId,
      details: {
        userId: user.id,
        livemode: customer.livemode,
        apiVersion: origin.apiVersion,
        account: origin.account,
        creationMethod: origin.creationMethod,
        stripeCreatedAt: origin.stripeCreatedAt,
        receivedAt: origin.receivedAt,
      },
      processingMs: now.getTime() - Date.parse(origin.receivedAt),
      occurredAt: now,
    });
  }

  @OnEvent(UserArrived.eventName, { suppressErrors: false })
  recordUserArrived({ userId }: UserArrived, unit: UnitOfWork): void {
    unit.insert(AuditEntry, {
      id: uuidv7(),
      customerId: null,
      action: 'user.arrived',
      actorType: 'operator',
      actorId: null,
      objectType: 'user',
      objectId: userId,
      source: 'admin_api',
      stripeEventId: null,
      details: {},
      processingMs: null,
      occurredAt: new Date(),
    });
  }
}
