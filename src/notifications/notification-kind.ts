export type NotificationKind = 'welcome' | 'onboarding_guide' | 'portal_access';
export type NotificationChannel = 'email';
export type NotificationStatus = 'queued' | 'sent' | 'failed' | 'suppressed' | 'held' | 'cancelled';

export const NOTIFICATION_KINDS: readonly NotificationKind[] = [
  'welcome',
  'onboarding_guide',
  'portal_access',
];
export const NOTIFICATION_STATUSES: readonly NotificationStatus[] = [
  'queued',
  'sent',
  'failed',
  'suppressed',
  'held',
  'cancelled',
];
