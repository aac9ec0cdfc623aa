import { keepRows } from '../platform/jobs/job.settings.js';
import { wholeNumber } from '../platform/settings/rule.js';
import { settings } from '../platform/settings/settings.js';

// A consumer that lags behind for longer loses facts; the alert about lag fires within minutes.
keepRows({ outbox: 30, delivery_attempts: 90, connector_backfills: 400 });

export class IntegrationsSettings extends settings('Integrations', {
  timeoutSeconds: {
    name: 'CONNECTOR_TIMEOUT_SECONDS',
    rule: wholeNumber(1, 60),
    default: '20',
    meaning:
      'How long a connector waits for the answer of its system. What a process that died had under way is tried again after six times as long, and after 15 s at least.',
  },
  deliveryDays: {
    name: 'CONNECTOR_DELIVERY_DAYS',
    rule: wholeNumber(30, 3650),
    default: '90',
    meaning:
      'After so many days, a nightly job removes the ended deliveries of persons to connectors, and empties the content of all other ended ones. These keep their key for ever, so that no effect happens twice.',
  },
}) {}
