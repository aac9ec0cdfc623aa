/** What a new customer gets, once per user and channel, for ever. */
export const ONBOARDING_KINDS = ['welcome', 'onboarding_guide', 'portal_access'] as const;

export type NotificationKind = (typeof ONBOARDING_KINDS)[number] | 'portal_link';
export type ChannelName = 'email' | 'in_app';
export type NotificationStatus = 'queued' | 'sent' | 'failed' | 'suppressed' | 'held' | 'cancelled';

export const NOTIFICATION_KINDS: readonly NotificationKind[] = [...ONBOARDING_KINDS, 'portal_link'];
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
