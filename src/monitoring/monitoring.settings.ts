import { keepRows } from '../platform/jobs/job.settings.js';
import { mailAddress, type Rule, webUrl, wholeNumber } from '../platform/settings/rule.js';
import { settings } from '../platform/settings/settings.js';
import { readThresholds } from './alerts/alert-thresholds.js';
import type { AlertThreshold } from './alerts/declarations/alert-declaration.js';
import type { AlertName } from './alerts/declarations/alert-declarations.js';

keepRows({ alert_changes: 400 });

const thresholds: Rule<Readonly<Record<AlertName, AlertThreshold>>> = {
  must: 'must be such as {"disk_full":{"fire":0.8,"resolve":0.7}}: names of alerts, with enabled, fire, resolve (at most fire), forSeconds, clearSeconds',
  read: (given) => readThresholds(given) ?? undefined,
};

export class MonitoringSettings extends settings('Alerts', {
  thresholds: {
    name: 'ALERT_RULES',
    rule: thresholds,
    default: '{}',
    meaning:
      'Changes to the [built-in alerts](runbook.md#alerts) as JSON, such as `{"disk_full":{"fire":0.8,"resolve":0.7},"silence":{"enabled":false}}`.',
  },
  emailTo: {
    name: 'ALERT_EMAIL_TO',
    rule: mailAddress,
    meaning: 'The address that alerts are mailed to. They are logged in any case.',
  },
  /** Accepts `{"text": …}`, like the incoming webhooks of Slack and Mattermost. */
  webhookUrl: {
    name: 'ALERT_WEBHOOK_URL',
    rule: webUrl,
    isSecret: true,
    meaning: 'A webhook that alerts are posted to as `{"text": …}`, such as an incoming webhook of Slack.',
  },
  remindHours: {
    name: 'ALERT_REMIND_HOURS',
    rule: wholeNumber(0, 168),
    default: '4',
    meaning:
      'How many hours pass between two reminders of an alert that is still firing and that no operator has acknowledged. 0 is no reminders.',
  },
  publishedRunbook: {
    name: 'RUNBOOK_URL',
    rule: webUrl,
    otherwise: '`docs/runbook.md`',
    meaning: 'Where the runbook is. Alerts link to its sections.',
  },
}) {
  /** The sections of the runbook are fragments of this URL. */
  get runbookUrl(): string {
    return this.publishedRunbook ?? 'docs/runbook.md';
  }
}
