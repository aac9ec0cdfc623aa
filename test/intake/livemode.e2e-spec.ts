import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aCustomer, anEvent } from '../support/builders.js';
import { rowsAddedBy } from '../support/database/stored-rows.js';
import { TestApp } from '../support/test-app.js';

describe.each([
  { mode: true, expected: 'live', other: 'test' },
  { mode: false, expected: 'test', other: 'live' },
])('a service for $expected events (STRIPE_LIVEMODE=$mode)', ({ mode }) => {
  let service: TestApp;

  beforeAll(async () => {
    service = await TestApp.start({ env: { STRIPE_LIVEMODE: String(mode) } });
  });
  afterAll(() => service.stop());

  it('creates customers of its own mode', async () => {
    const { metadata } = await service.createUser();
    const customer = aCustomer({ metadata, livemode: mode });

    const { body } = await service.deliver(anEvent(customer, { livemode: mode }));

    expect(body).toMatchObject({ success: true, notifications_sent: 3 });
    const [row] = await service.database.rows(
      'select livemode from customers where stripe_customer_id = $1',
      [customer.id],
    );
    expect(row).toEqual({ livemode: mode });
  });

  it.each([[!mode], [undefined], [null], [String(mode)]])(
    'keeps an event whose livemode is %j as rejected, and creates nothing',
    async (livemode) => {
      const { metadata } = await service.createUser();
      const event = anEvent(aCustomer({ metadata, livemode: mode }), { livemode });

      const { result, added } = await rowsAddedBy(service.database, () => service.deliver(event));

      expect(result.status).toBe(200);
      expect(result.body).toEqual({ success: false, error: 'Event livemode does not match this service' });
      expect(added).toEqual({ webhook_events: 1 });
      const [row] = await service.database.rows(
        'select outcome, error_code from webhook_events where stripe_event_id = $1',
        [event.id],
      );
      expect(row).toEqual({ outcome: 'rejected', error_code: 'livemode_mismatch' });
    },
  );
});
