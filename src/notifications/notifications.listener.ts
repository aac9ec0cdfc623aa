import { Injectable } from '@nestjs/common';
import { OnEvent } from '@nestjs/event-emitter';
import { CustomerErased } from '../events/customers/customer-erased.event.js';
import { CustomerCreated } from '../events/customers/customer-created.event.js';
import { CustomerDeleted } from '../events/customers/customer-deleted.event.js';
import { CustomerLinked, CustomerUnlinked } from '../events/customers/customer-links.event.js';
import { PortalLinkRequested } from '../events/portal/portal-link-requested.event.js';
import { UserErased } from '../events/customers/user-erased.event.js';
import type { MingusUser } from '../events/stripe-customer.js';
import { AppConfig } from '../platform/config/app-config.js';
import type { UnitOfWork } from '../platform/unit-of-work/unit-of-work.js';
import { CHANNELS, ONBOARDING_KINDS } from './notification-kind.js';
import { normaliseAddress, spellingsOf } from '../platform/mail-address.js';
import { type Message, newNotification, queueNotification } from './new-notification.js';
import { Notification, released } from './notification.entity.js';

const DAY_MS = 86_400_000;

@Injectable()
export class NotificationsListener {
  constructor(private readonly config: AppConfig) {}

  /**
   * Each kind once per user and channel, for ever; whether the customer wants it is checked when it is sent.
   * Customers imported without telling anybody get theirs too, as `suppressed`: nothing sends them later.
   */
  @OnEvent(CustomerCreated.eventName, { suppressErrors: false })
  queueOnboarding({ customerId, user, origin, notifiedKinds }: CustomerCreated, unit: UnitOfWork): void {
    const isTold = origin.imported?.notify ?? true;
    for (const message of this.missingMessages(user, notifiedKinds)) {
      const notification = newNotification(message, customerId, user.id);
      if (isTold) queueNotification(notification, unit);
      else unit.insert(Notification, { ...notification, ...IMPORTED });
    }
  }

  @OnEvent(PortalLinkRequested.eventName, { suppressErrors: false })
  queuePortalLink({ customerId, userId }: PortalLinkRequested, unit: UnitOfWork): void {
    const message = { kind: 'portal_link', channel: 'email' } as const;
    const notification = newNotification(message, customerId, userId);
    queueNotification({ ...notification, occurrence: notification.id }, unit);
  }

  /**
   * What the new user never had, unless it has been sent to this customer: its address would get it twice.
   * That counts for the new user from now on, and no longer for the one before.
   */
  @OnEvent(CustomerLinked.eventName, { suppressErrors: false })
  queueForNewUser({ customerId, userIdBefore, user, notified }: CustomerLinked, unit: UnitOfWork): void {
    if (userIdBefore !== null) this.release(customerId, userIdBefore, unit);
    const sentInstead = notified.sent.filter(({ kind }) => !notified.kinds.includes(kind));
    for (const { notificationId } of sentInstead) {
      unit.update(Notification, { id: notificationId }, { userId: user.id, updatedAt: new Date() });
    }
    unit.execute(SHOW_IN_APP, { customerId, userId: user.id });
    const missing = this.missingMessages(user, [...notified.kinds, ...sentInstead.map(({ kind }) => kind)]);
    for (const message of missing) queueNotification(newNotification(message, customerId, user.id), unit);
    const kinds = [...new Set(missing.map(({ kind }) => kind))];
    if (kinds.length > 0) unit.reportChange(`Notifications queued: ${kinds.join(', ')}`);
  }

  @OnEvent(CustomerUnlinked.eventName, { suppressErrors: false })
  cancelUnsent({ customerId, userIdBefore }: CustomerUnlinked, unit: UnitOfWork): void {
    this.release(customerId, userIdBefore, unit);
    unit.execute(SHOW_IN_APP, { customerId, userId: null });
  }

  /** Nobody is welcomed after they have left. */
  @OnEvent(CustomerDeleted.eventName, { suppressErrors: false })
  cancelQueued({ customerId }: CustomerDeleted, unit: UnitOfWork): void {
    const cancelled = { status: 'cancelled', reason: 'customer_deleted', nextAttemptAt: null } as const;
    unit.update(Notification, { customerId, status: 'queued' }, { ...cancelled, updatedAt: new Date() });
  }

  @OnEvent(CustomerErased.eventName, { suppressErrors: false })
  forget({ customerId, addresses }: CustomerErased, unit: UnitOfWork): void {
    unit.execute(FORGET_MESSAGES, { customerId });
    unit.execute(FORGET_IN_APP, { customerId });
    this.forgetSuppressions(addresses, unit);
  }

  @OnEvent(UserErased.eventName, { suppressErrors: false })
  forgetUser({ addresses }: UserErased, unit: UnitOfWork): void {
    this.forgetSuppressions(addresses, unit);
  }

  /**
   * The guide is for new users; who has used MINGUS for a while needs none.
   * @param had `kind/channel` of what the user has had
   */
  private missingMessages(user: MingusUser, had: readonly string[]): Message[] {
    const age = Date.now() - Date.parse(user.createdAt);
    const isNew = age <= this.config.users.onboardingMaxAgeDays * DAY_MS;
    const kinds = ONBOARDING_KINDS.filter((kind) => isNew || kind !== 'onboarding_guide');
    const channels = CHANNELS.filter((channel) => this.config.notifications.channels.includes(channel));
    return kinds
      .flatMap((kind) => channels.map((channel) => ({ kind, channel })))
      .filter(({ kind, channel }) => !had.includes(`${kind}/${channel}`));
  }

  private forgetSuppressions(addresses: readonly string[], unit: UnitOfWork): void {
    for (const address of new Set(addresses.map(normaliseAddress))) {
      unit.execute(FORGET_SUPPRESSION, { address, spellings: spellingsOf(address) });
    }
  }

  private release(customerId: string, userId: string, unit: UnitOfWork): void {
    unit.update(Notification, { customerId, userId, status: 'queued' }, released());
  }
}

/** What is kept of a message that nobody is sent. */
const IMPORTED = { status: 'suppressed', reason: 'imported', nextAttemptAt: null } as const;

const FORGET_MESSAGES = `
  update notifications set user_id = null, next_attempt_at = null, updated_at = now(),
    status = case when status in ('queued', 'held') then 'cancelled' else status end,
    reason = case when status in ('queued', 'held') then 'customer_erased' else reason end
  from json_to_recordset($1::json) as erased ("customerId" uuid) where customer_id = "customerId"`;

const FORGET_IN_APP = `
  delete from in_app_messages using notifications, json_to_recordset($1::json) as erased ("customerId" uuid)
  where notifications.id = in_app_messages.id and notifications.customer_id = "customerId"`;

/** An address that another customer has as well still gets no mail. The erased one has none any more. */
const FORGET_SUPPRESSION = `
  delete from suppressions using json_to_recordset($1::json) as erased (address text, spellings json)
  where suppressions.address = erased.address and not exists (
    select from customers where lower(email) in (select lower(json_array_elements_text(spellings)))
  )`;

/** In the app, what counts for a user is seen by that user, and by nobody else. */
const SHOW_IN_APP = `
  update in_app_messages set user_id = case when notifications.user_id = "userId" then "userId" end
  from notifications, json_to_recordset($1::json) as linked ("customerId" uuid, "userId" text)
  where notifications.id = in_app_messages.id and notifications.customer_id = "customerId"`;
