import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aCustomer, anEvent } from '../support/builders.js';
import { TestApp } from '../support/test-app.js';

describe('an address with invisible characters', () => {
  let service: TestApp;

  beforeAll(async () => {
    service = await TestApp.start();
  });
  afterAll(() => service.stop());

  const query = (name: string, value: string) => `${name}=${encodeURIComponent(value)}`;

  it.each([
    ['a zero-width space', '\u200B'],
    ['a zero-width joiner', '\u200D'],
    ['a zero-width non-joiner', '\u200C'],
    ['a soft hyphen', '\u00AD'],
    ['a byte order mark', '\uFEFF'],
    ['a left-to-right mark', '\u200E'],
    ['an Arabic letter mark', '\u061C'],
    ['a right-to-left override', '\u202E'],
    ['a direction isolate', '\u2066'],
    ['a word joiner', '\u2060'],
    ['a combining grapheme joiner', '\u034F'],
    ['a variation selector', '\uFE0F'],
    ['a Mongolian vowel separator', '\u180E'],
    ['a Hangul filler', '\u3164'],
    ['a tag character', '\u{E0061}'],
    ['an annotation anchor', '\uFFF9'],
  ])('is stored without %s, and found with and without it', async (_, mark) => {
    const { metadata } = await service.createUser();
    const name = `ada.${metadata.mingus_user_id}`;
    const clean = `${name}@example.com`;
    const spellings = [`${mark}${clean}`, `${clean}${mark}`, `a${mark}${clean.slice(1)}`];
    spellings.push(clean.replace('example', `exam${mark}ple`), clean.replace('@', `${mark}@${mark}`));
    const event = anEvent(aCustomer({ metadata, email: spellings[2] }));

    const answer = await service.deliver(event);

    expect(answer.body).toMatchObject({ success: true });
    for (const email of [clean, ...spellings]) {
      const events = await service.admin(`webhook-events?${query('email', email)}`);
      expect(events.body.items).toMatchObject([{ stripeEventId: event.id }]);
      const customers = await service.admin(`customers?${query('email', email)}`);
      expect(customers.body.items).toMatchObject([{ email: clean }]);
    }
    for (const address of spellings) {
      const added = await service.admin('suppressions', { address });
      expect(added.body).toMatchObject({ address: clean });
      const found = await service.admin(`suppressions?${query('address', address)}`);
      expect(found.body.items).toMatchObject([{ address: clean }]);
    }
  });

  it('keeps joiners in scripts that need them', async () => {
    const { metadata } = await service.createUser();
    const email = 'علی\u200Cرضا@example.com';

    await service.deliver(anEvent(aCustomer({ metadata, email })));

    const { body } = await service.admin(`customers?${query('email', email)}`);
    expect(body.items).toMatchObject([{ email }]);
  });

  it('is registered without them for a user of MINGUS', async () => {
    const email = '\u200Bgrace\u00AD@example.com\uFEFF';

    const { body } = await service.admin('users', { id: 'grace', email, name: 'Grace' });

    expect(body).toMatchObject({ email: 'grace@example.com' });
  });

  it.each([
    ['a no-break space', '\u00A0'],
    ['an em space', '\u2003'],
    ['an ideographic space', '\u3000'],
    ['a line separator', '\u2028'],
    ['an empty Braille pattern', '\u2800'],
    ['a next-line control', '\u0085'],
  ])('is refused with a blank in it: %s', async (_, blank) => {
    const email = `a${blank}da.${blank.codePointAt(0)}@example.com`;
    const event = anEvent(aCustomer({ metadata: (await service.createUser()).metadata, email }));

    const { body } = await service.deliver(event);

    expect(body).toMatchObject({ success: false, error: expect.stringContaining('Invalid email format') });
    const [stored] = await service.database.rows(
      'select error_code from webhook_events where stripe_event_id = $1',
      [event.id],
    );
    expect(stored).toEqual({ error_code: 'invalid_email' });
    for (const [path, fields] of [
      ['suppressions', { address: email }],
      ['users', { id: 'eve', email, name: 'Eve' }],
    ] as const)
      expect((await service.admin(path, fields)).body).toMatchObject({ code: 'invalid_request' });
  });
});
