import { ONBOARDING_KINDS } from '../events/onboarding-kinds.js';

export const NOTIFICATION_KINDS = [...ONBOARDING_KINDS, 'portal_link'] as const;
/** Every channel has its own class: `@DeliversChannel('email')`. */
export const CHANNELS = ['email', 'in_app'] as const;

export type NotificationKind = (typeof NOTIFICATION_KINDS)[number];
/**
 * Messages that a customer's account needs are always sent: no choice, no quiet hours, no `List-Unsubscribe`.
 * The type requires an entry for every kind.
 */
const TRANSACTIONAL: Record<NotificationKind, boolean> = {
  welcome: true,
  onboarding_guide: false,
  portal_access: true,
  portal_link: true,
};

export type ChannelName = (typeof CHANNELS)[number];
export type NotificationStatus = 'queued' | 'sent' | 'failed' | 'suppressed' | 'held' | 'cancelled';

/** The kinds that customers can turn off. */
export const OPTIONAL_KINDS: readonly NotificationKind[] = NOTIFICATION_KINDS.filter(
  (kind) => !TRANSACTIONAL[kind],
);
export const NOTIFICATION_STATUSES: readonly NotificationStatus[] = [
  'queued',
  'sent',
  'failed',
  'suppressed',
  'held',
  'cancelled',
];

export function isOptional(kind: string): kind is NotificationKind {
  return (OPTIONAL_KINDS as readonly string[]).includes(kind);
}

/** Whether the purpose of a message is its link to the billing portal. */
export function leadsToPortal(kind: NotificationKind): boolean {
  return kind === 'portal_access' || kind === 'portal_link';
}
