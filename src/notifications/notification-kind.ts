import { CHANNELS, NOTIFICATION_KINDS, ONBOARDING_KINDS } from '../platform/config/message-environment.js';

export { CHANNELS, NOTIFICATION_KINDS, ONBOARDING_KINDS };

export type NotificationKind = (typeof NOTIFICATION_KINDS)[number];
/**
 * What a customer's account needs is sent whatever they choose of the rest: no choice, no quiet hours, no
 * `List-Unsubscribe`. Closed: a new kind does not compile before somebody has decided.
 */
const TRANSACTIONAL: Record<NotificationKind, boolean> = {
  welcome: true,
  onboarding_guide: false,
  portal_access: true,
  portal_link: true,
};

export type ChannelName = (typeof CHANNELS)[number];
export type NotificationStatus = 'queued' | 'sent' | 'failed' | 'suppressed' | 'held' | 'cancelled';

/** The kinds that customers choose. */
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

/** Whether a message is there for its link to the billing portal. */
export function leadsToPortal(kind: NotificationKind): boolean {
  return kind === 'portal_access' || kind === 'portal_link';
}
