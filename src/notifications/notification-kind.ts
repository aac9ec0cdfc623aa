/** What a new customer gets, once per user and channel, for ever. */
export const ONBOARDING_KINDS = ['welcome', 'onboarding_guide', 'portal_access'] as const;

export type NotificationKind = (typeof ONBOARDING_KINDS)[number] | 'portal_link';
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

export type ChannelName = 'email' | 'in_app';
export type NotificationStatus = 'queued' | 'sent' | 'failed' | 'suppressed' | 'held' | 'cancelled';

export const NOTIFICATION_KINDS: readonly NotificationKind[] = [...ONBOARDING_KINDS, 'portal_link'];
/** The kinds that customers choose. */
export const OPTIONAL_KINDS: readonly NotificationKind[] = NOTIFICATION_KINDS.filter(
  (kind) => !TRANSACTIONAL[kind],
);
/** Every channel has a class of its own: `@DeliversChannel('email')`. */
export const CHANNELS: readonly ChannelName[] = ['email', 'in_app'];
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
