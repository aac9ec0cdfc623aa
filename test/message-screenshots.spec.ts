import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { SAMPLE_NAMES } from '../src/notifications/messages/sample-customers.js';
import { contrastOf } from '../src/platform/brand/brand-palette.js';
import { CHROMIUM, openBrowser } from './support/browser.js';
import {
  composeSample,
  describeEnvironment,
  differencesFromBaselines,
  ENVIRONMENT_FILE,
  EVERY_MESSAGE,
  openPage,
  SCHEMES,
  show,
  TEXT_COLORS,
} from './support/message-screenshots.js';

if (!CHROMIUM)
  process.stderr.write('No Chromium on this machine: messages are not drawn (CHROMIUM says where)\n');

describe.skipIf(!CHROMIUM)('a message in a browser', { timeout: 120_000 }, () => {
  let browser: Browser;
  let page: Page;
  let isKnownEnvironment = false;

  beforeAll(async () => {
    browser = await openBrowser();
    const environment = await describeEnvironment(browser);
    isKnownEnvironment = readFileSync(ENVIRONMENT_FILE, 'utf8') === environment;
    if (!isKnownEnvironment)
      process.stderr.write(`No baselines for ${environment}: messages are not compared\n`);
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    page = await openPage(browser);
  });
  afterEach(() => page.close());

  /** What the page says about the drawn message. */
  async function ask<T>(
    html: string,
    width: number,
    scheme: 'light' | 'dark',
    expression: string,
  ): Promise<T> {
    await show(page, html, width, scheme);
    return page.evaluate<T>(expression);
  }

  it.for(EVERY_MESSAGE)('looks as we last saw it: %s in %s', async ([kind, language], { skip }) => {
    if (!isKnownEnvironment) skip('drawn with another browser or other fonts than the baselines');
    const { html } = composeSample(kind, language);
    expect(await differencesFromBaselines(page, html, kind, language)).toEqual([]);
  });

  it.each(EVERY_MESSAGE)(
    'fits a telephone of 320 px, whoever it is for: %s in %s',
    async (kind, language) => {
      for (const sample of SAMPLE_NAMES) {
        const { html } = composeSample(kind, language, sample);
        const overflow = await ask<number>(
          html,
          320,
          'light',
          'document.documentElement.scrollWidth - innerWidth',
        );
        expect({ sample, overflow }).toEqual({ sample, overflow: 0 });
      }
    },
  );

  it.each(['#ffcc00', '#101010'])('is readable in light and dark with the brand colour %s', async (color) => {
    for (const [kind, language] of EVERY_MESSAGE.filter(([, spoken]) => spoken === 'en')) {
      for (const scheme of SCHEMES) {
        const { html } = composeSample(kind, language, 'ordinary', { BRAND_COLOR: color });
        const texts = await ask<[string, string, string][]>(html, 600, scheme, TEXT_COLORS);
        expect(texts.length).toBeGreaterThan(8);
        const faint = texts.filter(([, text, background]) => contrastOf(text, background) < 4.5);
        expect({ kind, scheme, faint }).toEqual({ kind, scheme, faint: [] });
      }
    }
  });

  it('says who it is from where pictures are not shown', async () => {
    const { html } = composeSample('welcome', 'en', 'ordinary', {
      BRAND_LOGO_URL: 'https://cdn.test/logo.png',
    });
    await show(page, html, 320, 'dark');

    expect(await page.getByRole('img', { name: 'MINGUS' }).count()).toBe(1);
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Welcome, Ada Lovelace');
    expect(await page.getByRole('article', { name: 'Welcome to MINGUS, Ada Lovelace' }).count()).toBe(1);
    expect(await page.getByRole('table').count()).toBe(0);
    expect(await page.getByRole('link', { name: 'Open MINGUS' }).getAttribute('href')).toBe(
      'https://onboarding.mingus.test',
    );
  });

  it.each(EVERY_MESSAGE)(
    'runs nothing and links nowhere else for a hostile name: %s in %s',
    async (kind, language) => {
      const { html } = composeSample(kind, language, 'hostile');
      const links = 'JSON.stringify([...document.links].map((link) => link.href))';
      const strange = "document.querySelectorAll('script, img, iframe, form, b').length";

      expect(await ask(html, 600, 'light', strange)).toBe(0);
      expect(await ask(html, 600, 'light', links)).toBe(
        await ask(composeSample(kind, language).html, 600, 'light', links),
      );
    },
  );
});
