import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { handledTypes } from '../../src/cli/doctor/handled-types.js';
import { coverageOf } from '../../src/webhooks/watchdog/endpoint-coverage.js';

const URL = 'https://mingus.example.com/webhooks/stripe';

describe('the event types of the endpoint', () => {
  it('are listed in the production guide, all that have a handler and no others', () => {
    const guide = readFileSync('docs/production.md', 'utf8');
    const [, list = ''] = /```text event-types\n([^`]+)```/.exec(guide) ?? [];

    expect(list.trim().split('\n').toSorted()).toEqual(handledTypes().toSorted());
  });

  it('all have a thin twin in the SDK of Stripe', () => {
    const sdk = readFileSync('node_modules/stripe/cjs/resources/V2/Core/Events.d.ts', 'utf8');

    expect(handledTypes().filter((type) => !sdk.includes(`'v1.${type}'`))).toEqual([]);
  });

  it('are named by doctor and watchdog where an endpoint is subscribed to those of customers only', () => {
    const types = ['customer.created', 'customer.updated', 'customer.deleted'];
    const missing = handledTypes().filter((type) => !types.includes(type));

    const { state, detail } = coverageOf(URL, [{ url: URL, enabled: true, types }], handledTypes());

    expect(state).toBe('warning');
    expect(missing).toContain('customer.subscription.updated');
    expect(detail).toBe(`The endpoint is not subscribed to ${missing.join(', ')}`);
  });
});
