import { existsSync, readFileSync } from 'node:fs';
import pixelmatch from 'pixelmatch';
import type { Browser, Page } from 'playwright-core';
import { PNG } from 'pngjs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { SAMPLE_NAMES } from '../src/notifications/messages/sample-customers.js';
import { contrastOf } from '../src/platform/brand/brand-palette.js';
import { CHROMIUM, openBrowser } from './support/browser.js';
import {
  baselineOf,
  composeSample,
  describeEnvironment,
  ENVIRONMENT_FILE,
  EVERY_MESSAGE,
  openPage,
  SCHEMES,
  screenshotsOf,
  show,
} from './support/message-screenshots.js';

/** Share of pixels that may differ: smoothed edges of letters do, a moved line is far more. */
const TOLERANCE = 0.005;

/** Every visible text with its colour and the background behind it, in the page. */
const TEXT_COLORS = `(() => {
  const solid = (color) => !/^rgba.*, 0\\)$|transparent/.test(color);
  const hex = (color) => '#' + color.match(/\\d+/g).slice(0, 3).map((n) => Number(n).toString(16).padStart(2, '0')).join('');
  const backgroundOf = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const { backgroundColor } = getComputedStyle(at);
      if (solid(backgroundColor)) return hex(backgroundColor);
    }
    return '#ffffff';
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) {
    const { parentElement: element, textContent } = walker.currentNode;
    if (!textContent.trim() || !element.checkVisibility() || element.getBoundingClientRect().height < 2) continue;
    found.push([textContent.trim(), hex(getComputedStyle(element).color), backgroundOf(element)]);
  }
  return found;
})()`;

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
    for (const [variant, image] of await screenshotsOf(page, kind, language)) {
      const actual = PNG.sync.read(image);
      const file = baselineOf(kind, language, variant);
      expect(existsSync(file)).toBe(true);
      const expected = PNG.sync.read(readFileSync(file));
      const { width, height } = actual;
      expect({ variant, width, height }).toEqual({
        variant,
        width: expected.width,
        height: expected.height,
      });
      const different = pixelmatch(expected.data, actual.data, undefined, width, height, {
        threshold: 0.2,
      });
      expect(different / (width * height), variant).toBeLessThanOrEqual(TOLERANCE);
    }
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

  it.each(['#0b6e4f', '#ffcc00', '#101010', '#d6336c'])(
    'is readable in light and dark with the brand colour %s',
    async (color) => {
      for (const [kind, language] of EVERY_MESSAGE.filter(([, spoken]) => spoken === 'en')) {
        for (const scheme of SCHEMES) {
          const { html } = composeSample(kind, language, 'ordinary', { BRAND_COLOR: color });
          const texts = await ask<[string, string, string][]>(html, 600, scheme, TEXT_COLORS);
          expect(texts.length).toBeGreaterThan(8);
          const faint = texts.filter(([, text, background]) => contrastOf(text, background) < 4.5);
          expect({ kind, scheme, faint }).toEqual({ kind, scheme, faint: [] });
        }
      }
    },
  );

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
