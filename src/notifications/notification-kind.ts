export type NotificationKind = 'welcome' | 'onboarding_guide' | 'portal_access';
export type ChannelName = 'email' | 'in_app';
export type NotificationStatus = 'queued' | 'sent' | 'failed' | 'suppressed' | 'held' | 'cancelled';

export const NOTIFICATION_KINDS: readonly NotificationKind[] = [
  'welcome',
  'onboarding_guide',
  'portal_access',
];
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
