import { Injectable } from '@nestjs/common';
import { CustomerErased } from '../events/customers/customer-erased.event.js';
import { CustomerCreated } from '../events/customers/customer-created.event.js';
import { CustomerDeleted } from '../events/customers/customer-deleted.event.js';
import { CustomerLinked, CustomerUnlinked } from '../events/customers/customer-links.event.js';
import { MessageRequested } from '../events/message-requested.event.js';
import { PortalLinkRequested } from '../events/portal/portal-link-requested.event.js';
import { UserErased } from '../events/customers/user-erased.event.js';
import type { MingusUser } from '../events/stripe-customer.js';
import { NotificationsSettings } from './notifications.settings.js';
import type { UnitOfWork } from '../platform/unit-of-work/unit-of-work.js';
import { ONBOARDING_KINDS } from '../events/onboarding-kinds.js';
import { CHANNELS } from './notification-kind.js';
import { normaliseAddress, spellingsOf } from '../platform/mail-address.js';
import { type Message, newNotification, queueNotification, queueTreated } from './new-notification.js';
import { Notification, released } from './notification.entity.js';
import { OnFact } from '../platform/facts/on-fact.decorator.js';

const DAY_MS = 86_400_000;

@Injectable()
export class NotificationsListener {
  constructor(private readonly settings: NotificationsSettings) {}

  /**
   * Queues each kind once per user and channel. Whether the customer wants it is checked when it is sent.
   * Customers that are imported without notifying them get their notifications as `suppressed`, and these are
   * never sent.
   */
  @OnFact(CustomerCreated)
  queueOnboarding(
    { customerId, user, origin, notifiedKinds, arms }: CustomerCreated,
    unit: UnitOfWork,
  ): void {
    const isNotified = origin.imported?.notify ?? true;
    for (const message of this.missingMessages(user, notifiedKinds)) {
      const notification = newNotification(message, customerId, user.id);
      if (isNotified) queueTreated(notification, arms, unit);
      else unit.insert(Notification, { ...notification, ...IMPORTED });
    }
  }

  @OnFact(PortalLinkRequested)
  queuePortalLink({ customerId, userId }: PortalLinkRequested, unit: UnitOfWork): void {
    const message = { kind: 'portal_link', channel: 'email' } as const;
    const notification = newNotification(message, customerId, userId);
    queueNotification({ ...notification, occurrence: notification.id }, unit);
  }

  /** It is in addition to the messages that every new user gets once. */
  @OnFact(MessageRequested)
  queueRequested(fact: MessageRequested, unit: UnitOfWork): void {
    const { notificationId: id, customerId, userId, message, occurrence } = fact;
    queueNotification({ ...newNotification(message, customerId, userId), id, occurrence }, unit);
  }

  /**
   * Queues the kinds that the new user has not had. Kinds already sent to this customer are not sent again,
   * because the same address would get them twice. They now count for the new user and no longer for the
   * former one.
   */
  @OnFact(CustomerLinked)
  queueForNewUser({ customerId, userIdBefore, user, history }: CustomerLinked, unit: UnitOfWork): void {
    const { notified, arms } = history;
    if (userIdBefore !== null) this.release(customerId, userIdBefore, unit);
    const sentInstead = notified.sent.filter(({ kind }) => !notified.kinds.includes(kind));
    for (const { notificationId } of sentInstead) {
      unit.update(Notification, { id: notificationId }, { userId: user.id, updatedAt: new Date() });
    }
    unit.execute(SHOW_IN_APP, { customerId, userId: user.id });
    const missing = this.missingMessages(user, [...notified.kinds, ...sentInstead.map(({ kind }) => kind)]);
    for (const message of missing) queueTreated(newNotification(message, customerId, user.id), arms, unit);
    const kinds = [...new Set(missing.map(({ kind }) => kind))];
    if (kinds.length > 0) unit.reportChange(`Notifications queued: ${kinds.join(', ')}`);
  }

  @OnFact(CustomerUnlinked)
  cancelUnsent({ customerId, userIdBefore }: CustomerUnlinked, unit: UnitOfWork): void {
    this.release(customerId, userIdBefore, unit);
    unit.execute(SHOW_IN_APP, { customerId, userId: null });
  }

  /** A customer who was deleted gets no queued messages. */
  @OnFact(CustomerDeleted)
  cancelQueued({ customerId }: CustomerDeleted, unit: UnitOfWork): void {
    const cancelled = { status: 'cancelled', reason: 'customer_deleted', nextAttemptAt: null } as const;
    unit.update(Notification, { customerId, status: 'queued' }, { ...cancelled, updatedAt: new Date() });
  }

  @OnFact(CustomerErased)
  erase({ customerId, addresses }: CustomerErased, unit: UnitOfWork): void {
    unit.execute(CANCEL_MESSAGES, { customerId });
    unit.execute(DELETE_IN_APP, { customerId });
    unit.execute(DELETE_FAILURES, { customerId });
    unit.execute(DELETE_REPORTS, { customerId, addresses });
    this.deleteSuppressions(addresses, unit);
  }

  @OnFact(UserErased)
  eraseUser({ addresses }: UserErased, unit: UnitOfWork): void {
    unit.execute(DELETE_REPORTS, { customerId: null, addresses });
    this.deleteSuppressions(addresses, unit);
  }

  /**
   * The guide is for new users only.
   * @param had `kind/channel` of the messages that the user has had
   */
  private missingMessages(user: MingusUser, had: readonly string[]): Message[] {
    const age = Date.now() - Date.parse(user.createdAt);
    const isNew = age <= this.settings.guideMaxAgeDays * DAY_MS;
    const kinds = ONBOARDING_KINDS.filter((kind) => isNew || kind !== 'onboarding_guide');
    const channels = CHANNELS.filter((channel) => this.settings.channels.includes(channel));
    return kinds
      .flatMap((kind) => channels.map((channel) => ({ kind, channel })))
      .filter(({ kind, channel }) => !had.includes(`${kind}/${channel}`));
  }

  private deleteSuppressions(addresses: readonly string[], unit: UnitOfWork): void {
    for (const address of new Set(addresses.map(normaliseAddress))) {
      unit.execute(DELETE_SUPPRESSION, { address, spellings: spellingsOf(address) });
    }
  }

  private release(customerId: string, userId: string, unit: UnitOfWork): void {
    unit.update(Notification, { customerId, userId, status: 'queued' }, released());
  }
}

/** The state of a message that is not sent because of the import. */
const IMPORTED = { status: 'suppressed', reason: 'imported', nextAttemptAt: null } as const;

const CANCEL_MESSAGES = `
  update notifications set user_id = null, next_attempt_at = null, updated_at = now(),
    status = case when status in ('queued', 'held') then 'cancelled' else status end,
    reason = case when status in ('queued', 'held') then 'customer_erased' else reason end
  from json_to_recordset($1::json) as erased ("customerId" uuid) where customer_id = "customerId"`;

const DELETE_IN_APP = `
  delete from in_app_messages using notifications, json_to_recordset($1::json) as erased ("customerId" uuid)
  where notifications.id = in_app_messages.id and notifications.customer_id = "customerId"`;

const DELETE_FAILURES = `
  delete from address_failures using notifications, json_to_recordset($1::json) as erased ("customerId" uuid)
  where notifications.id = address_failures.notification_id and notifications.customer_id = "customerId"`;

/** Deletes the reports about a message to the customer or with one of the customer's addresses. */
const DELETE_REPORTS = `
  delete from unread_mail_reports using json_to_recordset($1::json) as erased ("customerId" uuid, addresses json)
  where customer_id = "customerId"
    or unread_mail_reports.addresses && array(select json_array_elements_text(erased.addresses))`;

/**
 * Deletes the suppression of an erased address, unless another customer has the same address. The erased
 * customer's addresses are already gone.
 */
const DELETE_SUPPRESSION = `
  delete from suppressions using json_to_recordset($1::json) as erased (address text, spellings json)
  where suppressions.address = erased.address and not exists (
    select from customers
    where lower(email collate "C") in (select lower(json_array_elements_text(spellings) collate "C"))
  )`;

/** Shows an in-app message to a user only if its notification counts for that user. */
const SHOW_IN_APP = `
  update in_app_messages set user_id = case when notifications.user_id = "userId" then "userId" end
  from notifications, json_to_recordset($1::json) as linked ("customerId" uuid, "userId" text)
  where notifications.id = in_app_messages.id and notifications.customer_id = "customerId"`;
