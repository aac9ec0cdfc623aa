import { keepRows } from '../platform/jobs/job.settings.js';
import { flag, webUrl, withoutWhiteSpace } from '../platform/settings/rule.js';
import { settings } from '../platform/settings/settings.js';

keepRows({ analytics_events: 730 });

export class AnalyticsSettings extends settings(
  'Analytics',
  {
    enabled: {
      name: 'ANALYTICS_ENABLED',
      rule: flag,
      default: 'true',
      meaning:
        'Whether the service records new customers, payments, movements of the revenue and changes of stage for analytics.',
    },
    url: {
      name: 'ANALYTICS_URL',
      rule: webUrl,
      otherwise: 'they stay in the database',
      meaning: 'An analytics provider that the recorded events are also posted to, as `{"events": […]}`.',
    },
    apiKey: {
      name: 'ANALYTICS_API_KEY',
      rule: withoutWhiteSpace,
      isSecret: true,
      meaning: 'The bearer key for that provider. Required when `ANALYTICS_URL` is set.',
    },
  },
  {
    problemsOf: ({ ANALYTICS_URL, ANALYTICS_API_KEY }) =>
      ANALYTICS_URL && !ANALYTICS_API_KEY ? ['ANALYTICS_API_KEY is required when ANALYTICS_URL is set'] : [],
  },
) {}
