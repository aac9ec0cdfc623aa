import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LANGUAGES } from '../../src/platform/i18n/languages.js';
import { NOTIFICATION_KINDS } from '../../src/notifications/notification-kind.js';
import { SAMPLE_NAMES } from '../../src/notifications/messages/sample-customers.js';
import { ADMIN_KEY, request, TestApp } from '../support/test-app.js';

const EVERY_MESSAGE = NOTIFICATION_KINDS.flatMap((kind) =>
  LANGUAGES.map((locale) => [kind, locale] as const),
);
const AS_A_BROWSER = {
  accept: 'text/html,application/xhtml+xml',
  authorization: `Basic ${Buffer.from(`anybody:${ADMIN_KEY}`).toString('base64')}`,
};

describe('a preview', () => {
  let service: TestApp;

  beforeAll(async () => {
    service = await TestApp.start();
  });
  afterAll(() => service.stop());

  it.each(EVERY_MESSAGE)(
    'of %s in %s exists for every sample customer, as HTML, text and JSON',
    async (kind, locale) => {
      for (const customer of SAMPLE_NAMES) {
        const path = `templates/${kind}/preview?locale=${locale}&customer=${customer}`;
        const [html, text, json] = await Promise.all(
          ['html', 'text', 'json'].map((format) => service.admin(`${path}&format=${format}`)),
        );

        expect(html?.headers.get('content-type')).toBe('text/html; charset=utf-8');
        expect(text?.headers.get('content-type')).toBe('text/plain; charset=utf-8');
        expect(json?.body).toMatchObject({ locale, html: html?.body, text: text?.body });
        expect(html?.body).not.toMatch(/<script|<img/);
      }
    },
  );

  it('runs no script of a message', async () => {
    const { headers } = await service.admin('templates/welcome/preview?customer=hostile');

    const policy = headers.get('content-security-policy');
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain('sandbox allow-popups');
    expect(policy).not.toMatch(/script-src|allow-scripts/);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('cache-control')).toBe('no-store');
  });

  it('in a browser is a page that links every message, language and sample customer', async () => {
    const { status, headers, body } = await request(
      `${service.url}/admin/templates/preview?kind=welcome&customer=hostile`,
      { headers: AS_A_BROWSER },
    );

    expect(status).toBe(200);
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    for (const value of [...NOTIFICATION_KINDS, ...LANGUAGES, ...SAMPLE_NAMES])
      expect(body).toContain(`>${value}</a>`);
    expect(body.match(/<iframe/g)).toHaveLength(3);
    expect(body).not.toMatch(/<script/);
    expect(body).toContain('&lt;script&gt;');
  });

  it('makes a browser ask for the key, and opens with the key only', async () => {
    const url = `${service.url}/admin/templates/preview`;
    const { accept, authorization } = AS_A_BROWSER;
    const wrong = `Basic ${Buffer.from('admin:wrong').toString('base64')}`;

    const asked = await request(url, { headers: { accept } });
    expect(asked.status).toBe(401);
    expect(asked.headers.get('www-authenticate')).toMatch(/^Basic realm=/);
    expect((await request(url, { headers: { accept, authorization: wrong } })).status).toBe(401);
    expect((await request(url, { headers: { accept, authorization } })).status).toBe(200);
  });

  it.each(['customers', 'templates', 'templates/welcome/en', 'audit-entries'])(
    'is the only route that a password opens: %s stays closed',
    async (path) => {
      expect((await request(`${service.url}/admin/${path}`, { headers: AS_A_BROWSER })).status).toBe(401);
    },
  );
});
