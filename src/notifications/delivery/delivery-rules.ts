import type { DataSource } from 'typeorm';
import { normaliseAddress } from '../email/mail-address.js';
import { ACTIVE_SUPPRESSION } from '../suppressions/suppression.entity.js';
import type { Delivery } from './delivery.queries.js';

/** Why a notification is not sent now: never, or not before a time. The reason is one word. */
export type Obstacle = { reason: string } & ({ never: true } | { until: Date });

/** What a rule may ask beyond the delivery itself. */
export interface RuleContext {
  now: Date;
  dataSource: DataSource;
}

/** Finds one kind of obstacle. What it needs of the database is best read by `findDelivery` with the rest. */
export type DeliveryRule = (
  delivery: Delivery,
  context: RuleContext,
) => Obstacle | null | Promise<Obstacle | null>;

const isWanted: DeliveryRule = ({ wanted }) =>
  wanted === false ? { never: true, reason: 'preferences' } : null;

const hasPortalAccess: DeliveryRule = ({ kind, portal_status }) => {
  const leadsToPortal = kind === 'portal_access' || kind === 'portal_link';
  return leadsToPortal && portal_status !== 'active' ? { never: true, reason: 'no_portal_access' } : null;
};

const isNotSuppressed: DeliveryRule = async ({ channel, email }, { dataSource }) => {
  if (channel !== 'email') return null;
  const found = await dataSource.query<unknown[]>(ACTIVE_SUPPRESSION, [normaliseAddress(email)]);
  return found.length > 0 ? { never: true, reason: 'suppressed_address' } : null;
};

/** Last: what is never to be sent need not wait for the channel. */
const channelIsOpen: DeliveryRule = async ({ channel, paused_until }, { now, dataSource }) => {
  if (!paused_until) return null;
  if (paused_until > now) return { until: paused_until, reason: 'channel_paused' };
  const [turn] = await dataSource.query<{ taken: boolean }[]>(TAKE_TURN, [channel]);
  if (turn?.taken) return null;
  return { until: new Date(now.getTime() + TURN_WAIT_MS), reason: 'channel_recovering' };
};

/** After a pause one message at a time finds out whether the channel is well; it has longer than it can take. */
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

/** Asked in this order before every attempt; the first obstacle decides. */
export const DELIVERY_RULES: readonly DeliveryRule[] = [
  isWanted,
  hasPortalAccess,
  isNotSuppressed,
  channelIsOpen,
];

export async function obstacleTo(delivery: Delivery, context: RuleContext): Promise<Obstacle | null> {
  for (const rule of DELIVERY_RULES) {
    const obstacle = await rule(delivery, context);
    if (obstacle) return obstacle;
  }
  return null;
}
