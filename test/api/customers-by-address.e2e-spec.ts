import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aCustomer, anEvent } from '../support/builders.js';
import { TestApp } from '../support/test-app.js';

describe('customers are found by an address', () => {
  let service: TestApp;

  beforeAll(async () => {
    service = await TestApp.start();
  });
  afterAll(() => service.stop());

  async function store(email: string): Promise<string> {
    const { metadata } = await service.createUser();
    const customer = aCustomer({ metadata, email });
    expect((await service.deliver(anEvent(customer))).body.success).toBe(true);
    return customer.id;
  }
  const find = async (email: string) => {
    const { status, body } = await service.admin(`customers?email=${encodeURIComponent(email)}`);
    expect(status, JSON.stringify(body)).toBe(200);
    return body.items.map(({ stripeCustomerId }: { stripeCustomerId: string }) => stripeCustomerId);
  };

  it.each([
    ['in capitals', 'ada1@example.com', 'ADA1@Example.COM'],
    ['stored in capitals', 'ADA2@Example.COM', 'ada2@example.com'],
    ['both in some', 'Ada3@EXAMPLE.com', 'aDA3@example.COM'],
    ['in punycode', 'ada4@jõgeva.ee', 'ada4@xn--jgeva-dua.ee'],
    ['stored in punycode', 'ada5@xn--jgeva-dua.ee', 'Ada5@jõgeva.ee'],
    ['in punycode and capitals', 'Ada6@JÕgeva.ee', 'ADA6@XN--JGEVA-DUA.EE'],
    ['stored in capitals beyond ASCII', 'ÅSE@JÕGEVA.ee', 'åse@jõgeva.ee'],
    ['in capitals beyond ASCII', 'øse@jõgeva.ee', 'ØSE@JÕGEVA.EE'],
    ['composed', 'zoe\u0308@example.com', 'zo\u00eb@example.com'],
    ['decomposed', 'no\u00ebl@example.com', 'noe\u0308l@example.com'],
    ['with a dotted capital I', 'INFO.Istanbul@example.com', 'info.istanbul@example.com'],
  ])('%s', async (_, stored, wanted) => {
    const id = await store(stored);

    expect(await find(wanted)).toEqual([id]);
    expect(await find(stored)).toEqual([id]);
  });

  it('but not by a look-alike, another tag, or another domain', async () => {
    await store('eve@example.com');

    for (const other of ['еve@example.com', 'eve+x@example.com', 'eve@example.org', 'e.ve@example.com']) {
      expect(await find(other)).toEqual([]);
    }
  });

  it('page by page', async () => {
    const ids = [
      await store('bob@example.com'),
      await store('BOB@example.com'),
      await store('Bob@Example.com'),
    ];

    const first = (await service.admin('customers?email=bob@example.com&limit=2')).body;
    const second = (await service.admin(`customers?email=BOB@example.com&limit=2&cursor=${first.nextCursor}`))
      .body;

    const found = [...first.items, ...second.items].map(({ stripeCustomerId }) => stripeCustomerId);
    expect(found).toEqual(ids.toReversed());
    expect(second.nextCursor).toBeNull();
  });

  it.each(['ada', 'ada@', '@example.com', 'a b@example.com', 'ada@example.com,eve@example.com', ''])(
    'only if it is valid: %j is refused',
    async (email) => {
      const { status, body } = await service.admin(`customers?email=${encodeURIComponent(email)}`);
      expect([status, body.code]).toEqual([400, 'invalid_request']);
    },
  );
});
