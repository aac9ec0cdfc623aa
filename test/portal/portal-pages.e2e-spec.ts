import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHROMIUM, openBrowser } from '../support/pages/browser.js';
import { PortalTest } from '../support/portal.js';

describe('the pages of the portal', () => {
  let test: PortalTest;

  beforeAll(async () => {
    test = await PortalTest.start();
  });
  afterAll(() => test.stop());

  it.each(['/portal', '/portal/links/unknown'])(
    'leave no trace of %s: no referrer, index, cache or script',
    async (path) => {
      const { headers, body } = await test.visit(path);

      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('x-robots-tag')).toBe('noindex');
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('content-security-policy')).toMatch(
        /^default-src 'none'; style-src 'sha256-[\w+/=]+';/,
      );
      expect(headers.get('content-security-policy')).not.toContain('unsafe');
      expect(headers.get('set-cookie')).toBeNull();
      expect(body).not.toMatch(/<script|<link(?! rel="icon")|javascript:|\son\w+=/i);
    },
  );

  it('redirect to the portal without a referrer, and are not cached', async () => {
    const { link } = await test.onboardWithLink();

    const { status, headers, body } = await test.submit(link);

    expect(status).toBe(303);
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(body).toBe('');
  });

  it.each<[string, Record<string, string>]>([
    ['Host', { host: 'evil.test' }],
    ['X-Forwarded-Host', { 'x-forwarded-host': 'evil.test', 'x-forwarded-proto': 'http' }],
    ['Forwarded', { forwarded: 'host=evil.test' }],
  ])('do not trust the header %s', async (_, headers) => {
    const customer = await test.onboard();
    for (const path of ['/portal', '/portal/links/unknown']) {
      expect((await test.visit(path, { headers })).body).not.toContain('evil');
    }

    await test.submit('/portal/links', { email: customer.email }, headers);

    expect(await test.mailedLink(customer.email, 'Your link to the MINGUS billing portal')).toMatch(
      /^\/portal\/links/,
    );
    const { mail } = test.service.smtp.to(customer.email).at(-1) ?? {};
    expect(`${mail?.html}${mail?.text}`).not.toContain('evil');
  });

  it.each([
    ['es-MX,es;q=0.9,en;q=0.1', 'lang="es-MX"', 'Enviarme un enlace'],
    ['fr,en-GB;q=0.5', 'lang="en-GB"', 'Send me a link'],
    ['fr', 'lang="en"', 'Send me a link'],
  ])('are in the language of the browser: %s', async (language, lang, button) => {
    const { body } = await test.visit('/portal', { headers: { 'accept-language': language } });

    expect(body).toContain(lang);
    expect(body).toContain(button);
  });

  it("are in the language of the link's customer", async () => {
    const { link } = await test.onboardWithLink({ preferred_locales: ['es'] });

    const { body } = await test.visit(link, { headers: { 'accept-language': 'en' } });

    expect(body).toContain('Abrir el portal de facturación');
  });

  it('are in the first supported language of the customer, as the mail is', async () => {
    const { link } = await test.onboardWithLink({ preferred_locales: ['fr-FR', 'es-MX'] });
    const page = await test.visit(link);
    await test.submit(link);
    const used = await test.submit(link);

    for (const { body } of [page, used]) expect(body).toContain('<html lang="es-MX"');
  });

  it('stay in the language of the page with the form', async () => {
    const answers = [
      await test.submit('/portal/links', { email: 'x', locale: 'es-MX' }),
      await test.submit('/portal/links', { email: 'nobody@example.com', locale: 'es-MX' }),
      await test.submit('/portal/links', { email: 'nobody@example.com', locale: '../x' }),
    ];

    const languages = answers.map(({ body }) => /<html lang="([^"]+)"/.exec(body)?.[1]);
    expect(languages).toEqual(['es-MX', 'es-MX', 'en']);
  });

  it('ask for an address in a field that accepts international ones', async () => {
    const { body } = await test.visit('/portal');
    expect(body).toMatch(/<input id="email" name="email" type="text" inputmode="email"/);
  });

  it('show a page for a fault as well, without details of the database', async () => {
    await test.service.database.rows('alter table portal_links rename to portal_links_gone');

    const { status, headers, body } = await test.visit(`/portal/links/pl_${'a'.repeat(43)}`);

    await test.service.database.rows('alter table portal_links_gone rename to portal_links');
    expect([status, headers.get('content-type')]).toEqual([503, 'text/html; charset=utf-8']);
    expect(body).toContain('Something went wrong');
    expect(body).not.toMatch(/portal_links|relation|select .+ from/);
  });

  it("link to Stripe's login page if one is configured", async () => {
    const other = await PortalTest.start({ PORTAL_LOGIN_URL: 'https://billing.stripe.com/p/login/x' });
    const { status, headers } = await other.visit('/portal');
    await other.stop();

    expect([status, headers.get('location')]).toEqual([302, 'https://billing.stripe.com/p/login/x']);
  });
});

describe.runIf(CHROMIUM)('in a browser (needs Chromium)', () => {
  let test: PortalTest;
  let browser: Browser;

  beforeAll(async () => {
    test = await PortalTest.start();
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser.close();
    await test.stop();
  });

  it.each([true, false])(
    'the way from the mail into the portal works (JavaScript: %s)',
    async (javaScriptEnabled) => {
      const { customer, link } = await test.onboardWithLink();
      const page = await browser.newPage({ javaScriptEnabled });
      const referrers: (string | undefined)[] = [];
      await page.route('https://billing.stripe.com/**', (route) => {
        referrers.push(route.request().headers().referer);
        return route.fulfill({ contentType: 'text/html', body: '<h1>Stripe</h1>' });
      });

      await page.goto(test.service.url + link);
      await page.getByRole('button').click();
      await page.getByRole('heading', { name: 'Stripe' }).waitFor();

      expect(page.url()).toBe(test.sessionsOf(customer)[0]?.url);
      expect(referrers).toEqual([undefined]);
      await page.goto(test.service.url + link);
      await page.getByLabel('Email address').fill(customer.email);
      await page.getByRole('button').click();
      await page.getByRole('heading', { name: 'Please check your inbox' }).waitFor();
      await page.close();
    },
  );

  it.each([320, 1000])('no page is wider than %i px, and nothing of it is blocked', async (width) => {
    const { link } = await test.onboardWithLink();
    const page = await browser.newPage({ viewport: { width, height: 700 }, locale: 'es' });
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));

    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      for (const path of [link, '/portal']) {
        await page.goto(test.service.url + path);
        await screenshot(page, `${path === link ? 'open' : 'request'}-${width}-${colorScheme}`);
        const overflow = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
        expect(overflow).toBeLessThanOrEqual(0);
        const background = await page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
        expect(background).toBe(colorScheme === 'light' ? 'rgb(242, 245, 244)' : 'rgb(16, 23, 28)');
      }
    }
    expect(complaints).toEqual([]);
    await page.close();
  });

  /** Kept where `PAGE_SCREENSHOTS` says, to be looked at. */
  async function screenshot(page: Awaited<ReturnType<Browser['newPage']>>, name: string): Promise<void> {
    const folder = process.env.PAGE_SCREENSHOTS;
    if (folder) await page.screenshot({ path: `${folder}/${name}.png` });
  }
});
