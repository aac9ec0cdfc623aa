import { v7 as uuidv7 } from 'uuid';
import type { Customer } from '../../../src/customers/customer.entity.js';
import type { User } from '../../../src/customers/users/user.entity.js';
import { NotificationAttempt } from '../../../src/notifications/notification-attempt.entity.js';
import type { Notification } from '../../../src/notifications/notification.entity.js';
import { newNotification } from '../../../src/notifications/new-notification.js';
import { translateCustomer } from '../../../src/webhooks/stripe/stripe-customer.js';
import { aCustomer, aUser } from '../builders.js';

/** Rows as listeners add them to a unit of work: valid, unique, every column given. */
export function aUserRow(fields: Partial<User> = {}): User {
  const { id, email, name } = aUser();
  return { id, email, name, createdAt: new Date(), ...fields };
}

export function aCustomerRow(fields: Partial<Customer> = {}): Customer {
  const object = aCustomer();
  const translated = translateCustomer(object, false);
  if (!translated.valid) throw new Error(translated.message);
  const { customer } = translated;
  const now = new Date();
  return {
    ...customer,
    email: object.email,
    id: uuidv7(),
    userId: `user of ${customer.stripeCustomerId}`,
    stripeEventId: `evt of ${customer.stripeCustomerId}`,
    account: null,
    stripeCreatedAt: now,
    stateAt: now,
    stateToldBy: 'customer.created',
    deletedAt: null,
    erasedAt: null,
    createdAt: now,
    updatedAt: now,
    ...fields,
  };
}

export function aNotificationRow(customer: Customer, fields: Partial<Notification> = {}): Notification {
  const { id, userId } = customer;
  return { ...newNotification({ kind: 'welcome', channel: 'email' }, id, ''), userId, ...fields };
}

export function anAttemptRow({ id: notificationId }: Notification): NotificationAttempt {
  return {
    id: uuidv7(),
    notificationId,
    outcome: 'deferred',
    smtpCode: 451,
    enhancedCode: null,
    errorCode: null,
    phase: 'envelope',
    durationMs: 7,
    attemptedAt: new Date(),
  };
}
