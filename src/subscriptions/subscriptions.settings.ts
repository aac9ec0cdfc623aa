import { oneOf } from '../platform/settings/rule.js';
import { settings } from '../platform/settings/settings.js';

export class SubscriptionsSettings extends settings('Subscriptions', {
  subtractedDiscounts: {
    name: 'MRR_DISCOUNTS',
    rule: oneOf('forever', 'all'),
    default: 'forever',
    meaning:
      'Which discounts lower the monthly recurring revenue: those that last for ever, or all that are in force.',
  },
}) {}
