import { oneOf, wholeNumber } from '../settings/rule.js';
import { settings } from '../settings/settings.js';

const access = oneOf('public', 'viewer');

/** How many requests are accepted, and which paths beside the API need a key. */
export class RequestLimitSettings extends settings('Request limits', {
  requestsPerKey: {
    name: 'API_MAX_PER_KEY_MINUTE',
    rule: wholeNumber(0, 1_000_000),
    default: '6000',
    meaning: 'How many requests per minute each process accepts with one key. 0 is no limit.',
  },
  requestsPerAddress: {
    name: 'API_MAX_PER_ADDRESS_MINUTE',
    rule: wholeNumber(0, 1_000_000),
    default: '12000',
    meaning:
      'How many requests per minute each process accepts from one address. 0 is no limit. The webhook has no such limit.',
  },
  eventsPerKey: {
    name: 'API_MAX_EVENTS_PER_KEY_MINUTE',
    rule: wholeNumber(0, 100_000_000),
    default: '600000',
    meaning:
      'How many tracked events per minute each process accepts with one write key, in requests of any number. 0 is no limit.',
  },
  docsAccess: {
    name: 'DOCS_ACCESS',
    rule: access,
    default: 'public',
    meaning: 'Who may read the API document under `/docs`: everyone, or holders of a key (`viewer`).',
  },
  metricsAccess: {
    name: 'METRICS_ACCESS',
    rule: access,
    default: 'public',
    meaning: 'Who may read `/metrics`: everyone, or holders of a key (`viewer`).',
  },
}) {
  /** Paths that need a viewer's key. */
  get guardedPaths(): readonly string[] {
    return [
      ...(this.docsAccess === 'viewer' ? ['/docs'] : []),
      ...(this.metricsAccess === 'viewer' ? ['/metrics'] : []),
    ];
  }
}
