import { describe, expect, it } from 'vitest';
import { readGenerationFailure } from './generation-failure.js';

const RELATED = { id: 'cus_1', type: 'customer', url: 'https://dashboard.stripe.com/customers/cus_1' };
const CUSTOMER = { id: 'cus_1', type: 'customer' };
const UNKNOWN = { id: '', type: 'unknown' };

describe('the report about an event that Stripe failed to generate', () => {
  it.each([
    ['an object of ours', { related_object: RELATED }, CUSTOMER, null],
    ['one of a connected account', { related_object: RELATED, context: 'acct_1' }, CUSTOMER, 'acct_1'],
    ['the id alone', { related_object_id: 'cus_1', account: 'acct_2' }, CUSTOMER, 'acct_2'],
    ['the id of another object', { related_object_id: 'pi_1' }, { id: 'pi_1', type: 'unknown' }, null],
    ['a malformed object', { related_object: 'cus_1' }, UNKNOWN, null],
    ['nothing', {}, UNKNOWN, null],
  ])('is read when it is %s', (_, impact, relatedObject, account) => {
    const event = { data: { impact: { event_type: 'customer.created', ...impact } } };

    expect(readGenerationFailure(event)).toEqual({ missingType: 'customer.created', relatedObject, account });
  });

  it.each([null, 'text', {}, { data: null }, { data: { impact: [] } }])(
    'names nothing when it is %j',
    (event) => {
      expect(readGenerationFailure(event)).toEqual({
        missingType: null,
        relatedObject: UNKNOWN,
        account: null,
      });
    },
  );
});
