import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PortalLinks } from '../../src/portal/links/portal-links.service.js';
import { anEvent } from '../support/builders.js';
import { PortalTest } from '../support/portal.js';
import { waitFor } from '../support/wait-for.js';

describe('the link in a mail', () => {
  let test: PortalTest;

  beforeAll(async () => {
    test = await PortalTest.start();
  });
  afterAll(() => test.stop());

  it('shows a page whose button opens a new portal session', async () => {
    const { customer, link } = await test.onboardWithLink({ preferred_locales: ['es-MX'] });

    const page = await test.visit(link);
    const answer = await test.submit(link);

    expect(page.status).toBe(200);
    expect(page.body).toContain('<form method="post">');
    expect(answer.status).toBe(303);
    const [session] = test.sessionsOf(customer);
    expect(answer.headers.get('location')).toBe(session?.url);
    expect(session?.params).toMatchObject({
      customer: customer.id,
      return_url: 'https://app.mingus.test',
      locale: 'es-419',
      configuration: expect.stringMatching(/^bpc_/),
    });
  });

  it('is not used up by scanners that open it', async () => {
    const { customer, link } = await test.onboardWithLink();
    for (const method of ['GET', 'HEAD', 'GET', 'HEAD', 'GET', 'HEAD', 'GET', 'HEAD', 'GET', 'HEAD']) {
      expect((await test.visit(link, { method })).status).toBe(200);
    }
    expect(test.sessionsOf(customer)).toEqual([]);

    const answer = await test.submit(link);

    expect(answer.status).toBe(303);
  });

  it('opens for exactly one of 64 parallel requests', async () => {
    const { customer, link } = await test.onboardWithLink();

    const answers = await Promise.all(Array.from({ length: 64 }, () => test.submit(link)));

    expect(answers.filter(({ status }) => status === 303)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 409 || status === 410)).toHaveLength(63);
    expect(test.sessionsOf(customer)).toHaveLength(1);
  });

  it('works once; afterwards the page offers to send another', async () => {
    const { link } = await test.onboardWithLink();
    await test.submit(link);

    for (const again of [await test.submit(link), await test.visit(link)]) {
      expect(again.status).toBe(410);
      expect(again.body).toContain('This link has already been used');
      expect(again.body).toContain('action="/portal/links"');
    }
  });

  it.each([
    ['has expired', `update portal_links set expires_at = now() - interval '1 second'`],
    ['is unknown', `update portal_links set token_hash = token_hash || 'x'`],
  ])('that %s leads to a page that offers to send another', async (_, change) => {
    const { customer, link } = await test.onboardWithLink();
    await test.service.database.rows(
      `${change} where customer_id = (select id from customers where stripe_customer_id = $1)`,
      [customer.id],
    );

    for (const answer of [await test.visit(link), await test.submit(link)]) {
      expect(answer.status).toBe(410);
      expect(answer.body).toContain('This link has expired');
    }
    expect(test.sessionsOf(customer)).toEqual([]);
  });

  it.each(['x', 'pl_', `pl_${'a'.repeat(42)}`, `pl_${'a'.repeat(43)}`, '%00', '..%2f..', '%F0%9F%98%80'])(
    'that was invented (%s) gets the same page as an expired one',
    async (token) => {
      for (const answer of [
        await test.visit(`/portal/links/${token}`),
        await test.submit(`/portal/links/${token}`),
      ]) {
        expect(answer.status).toBe(410);
        expect(answer.body).toContain('This link has expired');
      }
    },
  );

  it('stops working when the customer is deleted', async () => {
    const { customer, link } = await test.onboardWithLink();
    const { userId: _userId, ...object } = customer;
    await test.service.deliver(anEvent(object, { type: 'customer.deleted' }));

    for (const answer of [await test.visit(link), await test.submit(link)]) {
      expect(answer.status).toBe(403);
      expect(answer.body).toContain('switched off');
    }
    expect(test.sessionsOf(customer)).toEqual([]);
  });

  it.each<[string, Parameters<PortalTest['stripe']['failNext']>]>([
    ['fails', [500]],
    ['limits requests', [{ status: 429, retryAfter: 1 }]],
    ['breaks the connection', ['reset', 'reset']],
  ])('is kept while Stripe %s, and works when it is back', async (_, failures) => {
    const { link } = await test.onboardWithLink();
    test.stripe.failNext(...failures);

    const down = await test.submit(link);

    expect(down.status).toBe(503);
    expect(down.headers.get('retry-after')).toBe('60');
    expect(down.body).toContain('Your link still works');
    expect((await test.submit(link)).status).toBe(303);
  });

  it('is kept when Stripe does not answer at all', async () => {
    const { link } = await test.onboardWithLink();
    test.stripe.outage = 'hang';

    const down = await test.submit(link);
    test.stripe.outage = null;

    expect(down.status).toBe(503);
    expect((await test.submit(link)).status).toBe(303);
  });

  it('is not in a mail to an address that was changed, or is being changed, at that moment', async () => {
    const { database, app } = test.service;
    const { id, email } = await test.onboard();
    const [row] = await database.rows<{ id: string }>(
      'select id from customers where stripe_customer_id = $1',
      [id],
    );
    const message = { customerId: row?.id ?? '', kind: 'portal_access', channel: 'email' };
    const links = app.get(PortalLinks);
    expect(await links.linkFor({ ...message, email })).toMatch(/\/portal\/links\/pl_/);
    expect(await links.linkFor({ ...message, email: `old.${email}` })).toMatch(/\/portal$/);

    await database.rows('begin');
    await database.rows('update customers set email = $2 where stripe_customer_id = $1', [
      id,
      `new.${email}`,
    ]);
    const pendingLink = links.linkFor({ ...message, email });
    await waitFor('waits', () => database.count('pg_stat_activity', `wait_event_type = 'Lock'`));
    await database.rows('commit');

    expect(await pendingLink).toMatch(/\/portal$/);
  });

  it('is not used up by a click whose connection was closed', async () => {
    const { link } = await test.onboardWithLink();
    const answer = test.stripe.holdNextAnswer();
    const click = new AbortController();
    const first = test.visit(link, { method: 'POST', signal: click.signal }).catch(() => null);
    await answer.isHeld;
    click.abort();
    await first;
    expect((await test.submit(link)).status).toBe(409);

    answer.release();

    await waitFor('given back', async () => (await test.submit(link)).status === 303);
  });

  it('works again a minute after the redeeming process was killed', async () => {
    const { customer, link } = await test.onboardWithLink();
    const claimedAgo = (seconds: number) =>
      test.service.database.rows(
        `update portal_links set claimed_at = now() - $2 * interval '1 second'
         where customer_id = (select id from customers where stripe_customer_id = $1)`,
        [customer.id, seconds],
      );

    await claimedAgo(30);
    expect((await test.submit(link)).status).toBe(409);
    await claimedAgo(61);
    expect((await test.submit(link)).status).toBe(303);
  });

  it('has a configuration for each set of permissions, created once, and again when Stripe has lost it', async () => {
    const first = await test.onboardWithLink();
    const second = await test.onboardWithLink();
    await test.submit(first.link);
    test.portal.configurations.clear();

    const lost = await test.submit(second.link);
    const retried = await test.submit(second.link);

    expect([lost.status, retried.status]).toEqual([503, 303]);
    expect(test.portal.configurations.size).toBe(1);
    expect([...test.portal.configurations.values()][0]).toMatchObject({
      'features[invoice_history][enabled]': 'true',
      'features[payment_method_update][enabled]': 'true',
      'features[customer_update][enabled]': 'true',
      'features[subscription_cancel][enabled]': 'true',
      'features[subscription_cancel][mode]': 'at_period_end',
    });
  });

  it('records the access, reaches the milestone and is in the audit trail', async () => {
    const { customer, link } = await test.onboardWithLink();
    await test.submit(link);

    const { body: view } = await test.service.admin(`customers/${customer.id}`);

    expect(view.portalAccess.firstAccessedAt).toEqual(expect.any(String));
    expect(view.portalAccess.lastAccessedAt).toBe(view.portalAccess.firstAccessedAt);
    expect(view.lifecycle.milestones.portal_accessed).toEqual(expect.any(String));
    const { body: audit } = await test.service.admin(`audit-entries?objectId=${customer.id}`);
    expect(audit.items[0]).toMatchObject({
      action: 'portal.accessed',
      actorType: 'customer',
      source: 'portal',
      details: { isFirst: true },
      personal: { ip: '127.0.0.1' },
    });
  });
});
