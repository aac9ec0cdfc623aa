import { describe, expect, it } from 'vitest';
import { coverageOf, type Destination } from './endpoint-coverage.js';

const URL = 'https://onboarding.mingus.test/webhooks/stripe';
const TYPES = ['customer.created', 'customer.deleted'];

const destination = (fields: Partial<Destination> = {}): Destination => ({
  url: URL,
  enabled: true,
  types: TYPES,
  ...fields,
});
const disabled = destination({ enabled: false });
const elsewhere = destination({ url: 'https://elsewhere.test/webhooks/stripe' });
const only = (...types: string[]) => destination({ types });

describe('the destinations in Stripe', () => {
  it.each<[string, Destination[]]>([
    ['one is enabled and subscribed to all types', [destination()]],
    ['its URL ends with a slash', [destination({ url: `${URL}/` })]],
    ['it is subscribed to everything', [only('*')]],
    ['the types come as thin events', [only('v1.customer.created', 'v1.customer.deleted')]],
    ['two share the types', [only('customer.created'), only('v1.customer.deleted')]],
    ['there are others, elsewhere or disabled', [elsewhere, disabled, destination()]],
  ])('cover what is handled when %s', (_, destinations) => {
    expect(coverageOf(URL, destinations, TYPES).state).toBe('ok');
  });

  it.each<[string, Destination[], RegExp]>([
    ['there is none', [], /^No endpoint/],
    ['none has our URL', [elsewhere, destination({ url: undefined })], /^No endpoint/],
    ['all are disabled', [disabled, elsewhere], /disabled/],
    ['a type is missing', [only('customer.created')], /not subscribed to customer\.deleted$/],
    [
      'the type is subscribed to at a disabled one',
      [only('customer.created'), disabled],
      /customer\.deleted$/,
    ],
  ])('are a warning when %s', (_, destinations, detail) => {
    expect(coverageOf(URL, destinations, TYPES)).toEqual({
      state: 'warning',
      detail: expect.stringMatching(detail),
    });
  });
});
