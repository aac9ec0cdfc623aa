import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { NotificationsSettings, type QuietHours } from '../notifications.settings.js';
import { isWanted } from '../choices/message-choices.js';
import { MailCaps } from '../limits/mail-caps.service.js';
import { quietUntil } from '../limits/quiet-hours.js';
import { isOptional, leadsToPortal } from '../notification-kind.js';
import type { Delivery } from './delivery.queries.js';

/** Why a notification is not sent now: never, or not before a time. The reason is one word. */
export type Obstacle = { reason: string } & ({ never: true } | { until: Date });

/** The context of a rule besides the delivery. */
export interface RuleContext {
  now: Date;
  dataSource: DataSource;
  quietHours?: QuietHours;
  /** The segment that gets a kind, for kinds that not all customers get. */
  audiences?: ReadonlyMap<string, string>;
  caps: MailCaps;
}

/** Finds one kind of obstacle. `DeliveryReader` should read the data that a rule needs, together with the rest. */
export type DeliveryRule = (
  delivery: Delivery,
  context: RuleContext,
) => Obstacle | null | Promise<Obstacle | null>;

/** The choice is checked before every attempt: a customer who opts out while a message waits does not get it. */
const customerWantsIt: DeliveryRule = ({ notifications, kind, channel }) =>
  isWanted(notifications, kind, channel) ? null : { never: true, reason: 'preferences' };

const hasPortalAccess: DeliveryRule = ({ kind, portal_status }) =>
  leadsToPortal(kind) && portal_status !== 'active' ? { never: true, reason: 'no_portal_access' } : null;

/** A message waits for a segment that does not exist yet, so that a typing error loses no message. */
const isInAudience: DeliveryRule = ({ kind, segments }, { now, audiences }) => {
  const segment = audiences?.get(kind);
  if (segment === undefined || segments[segment] === true) return null;
  if (segments[segment] === false) return { never: true, reason: 'not_in_segment' };
  return { until: new Date(now.getTime() + SEGMENT_WAIT_MS), reason: 'segment_missing' };
};
const SEGMENT_WAIT_MS = 5 * 60_000;

const isNotSuppressed: DeliveryRule = ({ channel, suppressed }) =>
  channel === 'email' && suppressed ? { never: true, reason: 'suppressed_address' } : null;

/** Only mail has quiet hours: a message in the app does not disturb the customer. */
const isNotQuiet: DeliveryRule = ({ kind, channel, timezone }, { now, quietHours }) => {
  if (!quietHours || channel !== 'email' || !isOptional(kind)) return null;
  const until = quietUntil(now, quietHours, timezone);
  return until && { until, reason: 'quiet_hours' };
};

const isWithinCaps: DeliveryRule = (delivery, { now, caps }) =>
  delivery.channel === 'email' ? caps.reachedBy(delivery, delivery.mailCounts, now) : null;

/** This rule is last: a message that is never sent does not wait for the channel. */
const channelIsOpen: DeliveryRule = async ({ channel, paused_until, refusing }, { now, dataSource }) => {
  if (!paused_until) return null;
  if (paused_until > now) {
    return { until: refusing ? headStart(paused_until) : paused_until, reason: 'channel_paused' };
  }
  const [turn] = await dataSource.query<{ taken: boolean }[]>(TAKE_TURN, [channel]);
  if (turn?.taken) return null;
  return { until: new Date(now.getTime() + TURN_WAIT_MS), reason: 'channel_recovering' };
};

/** After a pause, one message at a time tests the channel. Its turn is longer than an attempt can take. */
const TAKE_TURN = `
  with turn as (
    update notification_channel_states set probe_until = now() + interval '90 seconds'
    where channel = $1 and coalesce(probe_until, '-infinity') < now()
    returning 1
  )
  select exists (select from turn) or not exists (
    select from notification_channel_states where channel = $1
  ) as taken`;
const TURN_WAIT_MS = 10_000;
const HEAD_START_MS = 30_000;

/** After a pause, messages to domains that did not refuse our mail test the channel first. */
export function headStart(pausedUntil: Date): Date {
  return new Date(pausedUntil.getTime() + HEAD_START_MS);
}

/** The rules are checked in this order before every attempt. The first obstacle decides. */
const DELIVERY_RULES: readonly DeliveryRule[] = [
  customerWantsIt,
  hasPortalAccess,
  isInAudience,
  isNotSuppressed,
  isNotQuiet,
  isWithinCaps,
  channelIsOpen,
];

/** Checks the rules. */
@Injectable()
export class DeliveryRules {
  constructor(
    private readonly settings: NotificationsSettings,
    private readonly caps: MailCaps,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  async obstacleTo(delivery: Delivery): Promise<Obstacle | null> {
    const { caps, dataSource } = this;
    const { quietHours, audiences } = this.settings;
    const context: RuleContext = { now: new Date(), dataSource, caps, quietHours, audiences };
    for (const rule of DELIVERY_RULES) {
      const obstacle = await rule(delivery, context);
      if (obstacle) return obstacle;
    }
    return null;
  }

  /** How long an allowed delivery waited for others, in milliseconds. */
  waitedMs(delivery: Delivery): number {
    return this.caps.waitedMs(delivery);
  }

  /** Reports that an allowed delivery has ended. */
  settle(delivery: Delivery): void {
    this.caps.settle(delivery);
  }
}
