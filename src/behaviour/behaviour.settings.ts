import { readAs, text, wholeNumber } from '../platform/settings/rule.js';
import { settings } from '../platform/settings/settings.js';

const origins = text(
  'must be comma-separated origins such as https://app.example.com, without a path',
  (given) => given.split(',').every(isOrigin),
);

function isOrigin(given: string): boolean {
  return /^https?:/.test(given) && URL.canParse(given) && new URL(given).origin === given;
}

export class BehaviourSettings extends settings('Behaviour', {
  origins: {
    name: 'COLLECTOR_ORIGINS',
    rule: readAs(origins, (given) => given.split(',')),
    otherwise: 'no browser may',
    meaning: 'The sites whose pages may send events to `/v1/…` from a browser (CORS).',
  },
  retentionDays: {
    name: 'BEHAVIOUR_RETENTION_DAYS',
    rule: wholeNumber(31, 36_500),
    default: '730',
    meaning:
      'For how many days events of behaviour are kept. Whole months are removed. Older events are refused.',
  },
}) {}
