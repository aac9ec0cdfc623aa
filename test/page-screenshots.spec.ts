import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { contrastOf } from '../src/platform/brand/brand-palette.js';
import { CHROMIUM, openBrowser } from './support/browser.js';
import {
  describeEnvironment,
  differencesFromBaselines,
  ENVIRONMENT_FILE,
  openPage,
  SCHEMES,
  show,
  TEXT_COLORS,
} from './support/message-screenshots.js';
import { EVERY_PAGE, renderPage } from './support/page-screenshots.js';

if (!CHROMIUM)
  process.stderr.write('No Chromium on this machine: pages are not drawn (CHROMIUM says where)\n');

describe.skipIf(!CHROMIUM)('a page about choices', { timeout: 120_000 }, () => {
  let browser: Browser;
  let page: Page;
  let isKnownEnvironment = false;

  beforeAll(async () => {
    browser = await openBrowser();
    const environment = await describeEnvironment(browser);
    isKnownEnvironment = readFileSync(ENVIRONMENT_FILE, 'utf8') === environment;
    if (!isKnownEnvironment)
      process.stderr.write(`No baselines for ${environment}: pages are not compared\n`);
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    page = await openPage(browser);
  });
  afterEach(() => page.close());

  it.for(EVERY_PAGE)('looks as we last saw it: %s in %s', async ([name, language], { skip }) => {
    if (!isKnownEnvironment) skip('drawn with another browser or other fonts than the baselines');
    const html = renderPage(name, language);
    expect(await differencesFromBaselines(page, html, name, language)).toEqual([]);
  });

  it.each(EVERY_PAGE)('fits a telephone of 320 px: %s in %s', async (name, language) => {
    await show(page, renderPage(name, language), 320, 'light');
    expect(await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')).toBe(0);
  });

  it.each(['#ffcc00', '#101010'])('is readable in light and dark with the brand colour %s', async (color) => {
    for (const [name] of EVERY_PAGE.filter(([, spoken]) => spoken === 'en')) {
      for (const scheme of SCHEMES) {
        await show(page, renderPage(name, 'en', { BRAND_COLOR: color }), 600, scheme);
        const texts = await page.evaluate<[string, string, string][]>(TEXT_COLORS);
        expect(texts.length).toBeGreaterThan(3);
        const faint = texts.filter(([, text, background]) => contrastOf(text, background) < 4.5);
        expect({ name, scheme, faint }).toEqual({ name, scheme, faint: [] });
      }
    }
  });
});
