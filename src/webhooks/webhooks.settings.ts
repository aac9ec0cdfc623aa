import { randomBytes } from 'node:crypto';
import { keepRows } from '../platform/jobs/job.settings.js';
import { oneOf, readAs, type Rule, wholeNumber } from '../platform/settings/rule.js';
import { settings } from '../platform/settings/settings.js';
import { cronPattern } from '../platform/settings/cron-pattern.js';

keepRows({ reconciliations: 400, webhook_event_replays: 400 });

const endpointSecrets: Rule<readonly string[]> = {
  must: 'must be one or several comma-separated whsec_… secrets without white space',
  read(given) {
    const secrets = given.split(',');
    return secrets.every((secret) => /^whsec_[\x21-\x7e]{4,}$/.test(secret)) ? secrets : undefined;
  },
};

export class WebhooksSettings extends settings('Webhooks', {
  /** In the order given. */
  secrets: {
    name: 'STRIPE_WEBHOOK_SECRET',
    rule: endpointSecrets,
    required: 'in production',
    generate: () => `whsec_${randomBytes(24).toString('hex')}`,
    isSecret: true,
    meaning:
      'The secret of the webhook endpoint in Stripe (`whsec_…`). While you rotate it, give both with a comma between them, the new one first.',
  },
  batchMax: {
    name: 'WEBHOOK_BATCH_MAX',
    rule: wholeNumber(1, 1000),
    default: '256',
    meaning: 'How many events one transaction holds at most.',
  },
  writers: {
    name: 'WEBHOOK_WRITERS',
    rule: wholeNumber(1, 16),
    default: '2',
    meaning: 'How many transactions each process writes at a time.',
  },
  waitingMax: {
    name: 'WEBHOOK_WAITING_MAX',
    rule: wholeNumber(1, 100_000),
    default: '5000',
    meaning: 'How many events may wait in one process, or 16 MB of them. Further ones are answered 503.',
  },
  retentionDays: {
    name: 'WEBHOOK_RETENTION_DAYS',
    rule: wholeNumber(1, 36_500),
    default: '90',
    meaning: 'After so many days the raw body of a decided event is removed. Its id and outcome stay.',
  },
  pendingDays: {
    name: 'WEBHOOK_PENDING_DAYS',
    rule: wholeNumber(1, 36_500),
    default: '400',
    meaning:
      "An event that has waited so many days for its user becomes `unmatched`, and its body is removed. If the user arrives later, the customer's next event sets the customer up.",
  },
}) {}

export class ReconciliationSettings extends settings('Comparison with Stripe', {
  scheduleOrOff: {
    name: 'RECONCILE_SCHEDULE',
    rule: cronPattern,
    default: '41 3 * * *',
    meaning:
      'When the service compares its customers with Stripe, as a cron pattern in UTC; `off` for never.',
  },
  notifies: {
    name: 'RECONCILE_NOTIFY',
    rule: readAs(oneOf('none', 'all'), (value) => value === 'all'),
    default: 'none',
    meaning:
      'Whether customers that the scheduled comparison finds get their messages (`all`) or not (`none`).',
  },
}) {
  /** A cron pattern; null for never. */
  get schedule(): string | null {
    return this.scheduleOrOff === 'off' ? null : this.scheduleOrOff;
  }
}
