import { keepRows } from '../platform/jobs/job.settings.js';
import { wholeNumber } from '../platform/settings/rule.js';
import { settings } from '../platform/settings/settings.js';

// A consumer that lags behind for longer loses facts; the alert about lag fires within minutes.
keepRows({ outbox: 30 });

export class IntegrationsSettings extends settings('Integrations', {
  timeoutSeconds: {
    name: 'CONNECTOR_TIMEOUT_SECONDS',
    rule: wholeNumber(1, 60),
    default: '20',
    meaning: 'How long a connector waits for the answer of its system.',
  },
}) {}
