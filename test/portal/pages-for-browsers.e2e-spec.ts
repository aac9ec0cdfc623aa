import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHROMIUM, openBrowser } from '../support/pages/browser.js';
import { request, TestApp } from '../support/test-app.js';

const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8';
const HTML = 'text/html; charset=utf-8';
const PROBLEM = 'application/problem+json; charset=utf-8';
const PROGRAMS = ['*/*', 'application/json', 'application/json, text/plain, */*', 'image/webp,*/*;q=0.8', ''];
/** Unknown paths, with a method. */
const UNKNOWN: [string, string][] = [
  ['GET', '/nothing-here'],
  ['GET', '/portal/'],
  ['GET', '/portal/links/a/b'],
  ['GET', '/preferences'],
  ['GET', '/unsubscribe/welcome'],
  ['GET', '/webhooks/stripe'],
  ['GET', '/admin/nothing-here'],
  ['GET', '/%zz'],
  ['GET', '/../etc/passwd'],
  ['GET', `/${'a'.repeat(2000)}`],
  ['GET', '/<script>alert(1)</script>'],
  ['POST', '/'],
  ['PUT', '/portal/links'],
  ['DELETE', '/portal'],
  ['PATCH', '/favicon.ico'],
];

describe('a browser and a program', () => {
  let service: TestApp;
  const ask = (path: string, accept: string, init: RequestInit = {}) =>
    request(`${service.url}${path}`, {
      redirect: 'manual',
      ...init,
      headers: { accept, 'accept-language': 'es', ...init.headers },
    });

  beforeAll(async () => {
    service = await TestApp.start({
      env: { SUPPORT_EMAIL: 'help@mingus.test', BRAND_NAME: 'Mingus & Søn', API_MAX_PER_ADDRESS_MINUTE: '0' },
    });
  });
  afterAll(() => service.stop());

  it('that open the address without a path get a page with brand, links and support', async () => {
    const { status, headers, body } = await ask('/', BROWSER);

    expect([status, headers.get('content-type'), headers.get('vary')]).toEqual([200, HTML, 'Accept']);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(body).toContain('<html lang="es"');
    expect(body).toContain('Esta dirección es de Mingus &amp; Søn');
    expect(body).toContain('<a href="https://app.mingus.test">Abrir Mingus &amp; Søn</a>');
    expect(body).toContain('<a href="/portal">Ir al portal de facturación</a>');
    expect(body).toContain('<a href="mailto:help@mingus.test">');
  });

  it.each(PROGRAMS)('that open it get problem details with Accept: %j', async (accept) => {
    const { status, headers, body } = await ask('/', accept);

    expect([status, headers.get('content-type'), headers.get('vary')]).toEqual([404, PROBLEM, 'Accept']);
    expect(body).toMatchObject({ status: 404, code: 'not_found' });
  });

  it.each(UNKNOWN)('that request an unknown path get a page: %s %s', async (method, path) => {
    const { status, headers, body } = await ask(path, BROWSER, { method });

    expect([status, headers.get('content-type'), headers.get('vary')]).toEqual([404, HTML, 'Accept']);
    expect(body).toContain('Página no encontrada');
    expect(body).toContain('help@mingus.test');
    expect(body).not.toMatch(/nothing-here|passwd|alert\(1\)|aaaa/);
  });

  it.each(UNKNOWN)('that request an unknown path get problem details: %s %s', async (method, path) => {
    for (const accept of PROGRAMS) {
      const { status, headers, body } = await ask(path, accept, { method });
      expect([status, headers.get('content-type'), headers.get('vary')]).toEqual([404, PROBLEM, 'Accept']);
      expect(body).toMatchObject({ status: 404, code: 'not_found' });
    }
  });

  it('that send a form to an unknown path get a page', async () => {
    const form = new URLSearchParams({ email: 'ada@example.com' });
    const { status, body } = await ask('/portal', BROWSER, { method: 'POST', body: form });

    expect(status).toBe(404);
    expect(body).toContain('Página no encontrada');
  });

  it.each<[string, string, number, string | null]>([
    ['/', BROWSER, 200, HTML],
    ['/', '*/*', 404, PROBLEM],
    ['/nothing-here', BROWSER, 404, HTML],
    ['/nothing-here', '*/*', 404, PROBLEM],
    ['/portal/links', BROWSER, 200, HTML],
    ['/favicon.ico', '*/*', 200, 'image/svg+xml'],
  ])('that send a HEAD request for %s (%s) get the same without a body', async (...expected) => {
    const [path, accept, status, type] = expected;
    const answer = await ask(path, accept, { method: 'HEAD' });

    expect([answer.status, answer.headers.get('content-type'), answer.body]).toEqual([status, type, '']);
  });

  it('that load the answer to a form again get the form', async () => {
    const form = { method: 'POST', body: new URLSearchParams({ email: 'nobody@example.com' }) };
    expect((await ask('/portal/links', BROWSER, form)).status).toBe(200);

    const { status, headers, body } = await ask('/portal/links', BROWSER);

    expect([status, headers.get('content-type')]).toEqual([200, HTML]);
    expect(body).toContain('<form method="post" action="/portal/links">');
  });

  it('that request something other than a page still get it', async () => {
    expect((await ask('/health/live', BROWSER)).body).toMatchObject({ status: 'ok' });
    const refused = await ask('/admin/customers', BROWSER);
    expect([refused.status, refused.headers.get('content-type')]).toEqual([401, PROBLEM]);
  });

  it('find an icon made of the brand, which may be kept', async () => {
    const { status, headers, body } = await ask('/favicon.ico', 'image/webp,*/*;q=0.8');

    expect([status, headers.get('content-type')]).toEqual([200, 'image/svg+xml']);
    expect(headers.get('cache-control')).toBe('public, max-age=86400');
    expect(body).toMatch(/^<svg .*fill="#0b6e4f".*>M<\/text><\/svg>$/);
  });

  it.each([
    ['<img>', '&lt;'],
    ['&Co', '&amp;'],
    ['ñandú', 'Ñ'],
    ['👩\u200d🚀 Space', '👩\u200d🚀'],
  ])('find the first letter of %j in it', async (name, letter) => {
    const other = await TestApp.start({ env: { BRAND_NAME: name, BRAND_COLOR: '#ffcc00' } });
    const { body } = await request(`${other.url}/favicon.ico`, {});
    await other.stop();

    expect(body).toContain(`fill="#ffcc00"`);
    expect(body).toContain(`>${letter}</text>`);
  });

  it("are sent to the brand's logo where there is one, and to paths behind a proxy's own", async () => {
    const env = {
      BRAND_LOGO_URL: 'https://cdn.test/logo.png',
      PUBLIC_URL: 'https://mingus.test/onboarding/',
      APP_URL: 'https://mingus.test',
    };
    const other = await TestApp.start({ env });
    const icon = await request(`${other.url}/favicon.ico`, { redirect: 'manual' });
    const page = await request(other.url, { headers: { accept: BROWSER } });
    await other.stop();

    expect([icon.status, icon.headers.get('location')]).toEqual([302, 'https://cdn.test/logo.png']);
    expect(page.body).toContain('<link rel="icon" href="/onboarding/favicon.ico">');
    expect(page.body).toContain('<a href="/onboarding/portal">');
    expect(page.headers.get('content-security-policy')).toContain("img-src 'self' https://cdn.test;");
  });

  it('find no link to MINGUS where there is only this service', async () => {
    const other = await TestApp.start({ env: { APP_URL: 'https://onboarding.mingus.test' } });
    const { body } = await request(other.url, { headers: { accept: BROWSER } });
    await other.stop();

    expect(body).not.toContain('Open MINGUS');
    expect(body).toContain('Go to the billing portal');
  });

  describe.runIf(CHROMIUM)('such as Chromium', () => {
    it.each([320, 1000])('see them whole at %i px, with the icon, and nothing is blocked', async (width) => {
      const browser = await openBrowser();
      const page = await browser.newPage({ viewport: { width, height: 600 }, locale: 'en' });
      const complaints: string[] = [];
      page.on('console', (message) => complaints.push(message.text()));
      try {
        for (const path of ['/', '/nothing-here']) {
          await page.goto(service.url + path);
          const folder = process.env.PAGE_SCREENSHOTS;
          if (folder) await page.screenshot({ path: `${folder}/page${path.replace('/', '-')}-${width}.png` });
          const overflow = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
          expect(overflow).toBeLessThanOrEqual(0);
          const drawn = await page.evaluate<boolean>(
            `new Promise((resolve) => {
              const image = new Image();
              image.onload = () => resolve(image.naturalWidth > 0);
              image.onerror = () => resolve(false);
              image.src = document.querySelector('link[rel=icon]').href;
            })`,
          );
          expect(drawn).toBe(true);
        }
        expect(complaints.filter((text) => !text.includes('404 (Not Found)'))).toEqual([]);
      } finally {
        await browser.close();
      }
    });
  });
});
