import { existsSync, readFileSync } from 'node:fs';
import pixelmatch from 'pixelmatch';
import type { Browser, Page } from 'playwright-core';
import { PNG } from 'pngjs';
import {
  MessageComposer,
  type RenderedMessage,
} from '../../../src/notifications/messages/message-composer.service.js';
import {
  SAMPLE_CUSTOMERS,
  type SampleCustomer,
} from '../../../src/notifications/messages/sample-customers.js';
import {
  isOptional,
  NOTIFICATION_KINDS,
  type NotificationKind,
} from '../../../src/notifications/notification-kind.js';
import { AppConfig } from '../../../src/platform/config/app-config.js';
import { readEnvironment } from '../../../src/platform/config/environment.js';
import { type Language, LANGUAGES } from '../../../src/platform/i18n/languages.js';
import { Translator } from '../../../src/platform/i18n/translator.service.js';

const WIDTHS = [320, 600, 1000] as const;
export const SCHEMES = ['light', 'dark'] as const;
export const EVERY_MESSAGE = NOTIFICATION_KINDS.flatMap((kind) =>
  LANGUAGES.map((language) => [kind, language] as const),
);
export const BASELINES = new URL('../../baselines/', import.meta.url);
/** Which browser and fonts the baselines were drawn with: text looks different with others. */
export const ENVIRONMENT_FILE = new URL('environment.txt', BASELINES);

/** Share of pixels that may differ: smoothed edges of letters do, a moved line is far more. */
const TOLERANCE = 0.005;

/** Every visible text with its colour and the background behind it, in the page. */
export const TEXT_COLORS = `(() => {
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

export type Scheme = (typeof SCHEMES)[number];

/** A message as sent by a service with these settings on top of a plain brand. */
export function composeSample(
  kind: NotificationKind,
  language: Language,
  sample: SampleCustomer = 'ordinary',
  env: Record<string, string> = {},
): RenderedMessage {
  const config = sampleConfig(env);
  const composer = new MessageComposer(config, new Translator(config));
  const recipient = { ...SAMPLE_CUSTOMERS[sample], locale: language };
  return composer.compose(composer.builtInFor(kind, language), recipient, {
    preferencesUrl: 'https://onboarding.mingus.test/preferences/x',
    ...(isOptional(kind) ? { unsubscribeUrl: 'https://onboarding.mingus.test/unsubscribe/x' } : {}),
  });
}

/** A plain brand. */
export function sampleConfig(env: Record<string, string> = {}): AppConfig {
  return new AppConfig(
    readEnvironment({
      NODE_ENV: 'test',
      DATABASE_URL: 'postgres://localhost/none',
      STRIPE_WEBHOOK_SECRET: 'whsec_none',
      SMTP_SERVER: '127.0.0.1',
      MAIL_FROM: 'MINGUS <hello@mingus.test>',
      PUBLIC_URL: 'https://onboarding.mingus.test',
      ADMIN_API_KEY: 'not-a-key-only-to-compose-some-messages',
      LINK_SIGNING_KEYS: 'not-a-key-only-to-compose-some-messages',
      POSTAL_ADDRESS: 'MINGUS Inc., 1 Main Street, Springfield',
      ...env,
    }),
  );
}

/** A page that shows messages one after the other, as a mail program would; nothing is loaded from anywhere. */
export async function openPage(browser: Browser): Promise<Page> {
  const page = await browser.newPage();
  await page.route('**/*', (route) => route.abort());
  return page;
}

export async function show(page: Page, html: string, width: number, colorScheme: Scheme): Promise<void> {
  await page.setViewportSize({ width, height: 600 });
  await page.emulateMedia({ colorScheme });
  await page.setContent(html, { waitUntil: 'domcontentloaded' });
}

/** Draws a message or page at every width in both colour schemes: `320-dark` → PNG. */
export async function screenshotsOf(page: Page, html: string): Promise<Map<string, Buffer>> {
  const screenshots = new Map<string, Buffer>();
  for (const width of WIDTHS) {
    for (const scheme of SCHEMES) {
      await show(page, html, width, scheme);
      screenshots.set(
        `${width}-${scheme}`,
        await page.screenshot({ fullPage: true, animations: 'disabled' }),
      );
    }
  }
  return screenshots;
}

/** @param name the kind of a message, or `page_` and the name of a page */
export function baselineOf(name: string, language: Language, variant: string): URL {
  return new URL(`${name}-${language}-${variant}.png`, BASELINES);
}

/** Where a message or page looks otherwise than we last saw it: the variants, each with what differs. */
export async function differencesFromBaselines(
  page: Page,
  html: string,
  name: string,
  language: Language,
): Promise<string[]> {
  const screenshots = await screenshotsOf(page, html);
  return [...screenshots].flatMap(([variant, image]) => {
    const file = baselineOf(name, language, variant);
    if (!existsSync(file)) return [`${variant}: no baseline`];
    const actual = PNG.sync.read(image);
    const expected = PNG.sync.read(readFileSync(file));
    const { width, height } = actual;
    if (width !== expected.width || height !== expected.height) {
      return [`${variant}: ${width}x${height} instead of ${expected.width}x${expected.height}`];
    }
    const different = pixelmatch(expected.data, actual.data, undefined, width, height, { threshold: 0.2 });
    return different / (width * height) <= TOLERANCE ? [] : [`${variant}: ${different} pixels`];
  });
}

/** The browser's major version, and how wide a text is in the font it takes for ours. */
export async function describeEnvironment(browser: Browser): Promise<string> {
  const page = await browser.newPage();
  const font =
    "20px -apple-system, BlinkMacSystemFont, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif";
  await page.setContent(`<span style="font: ${font}">Año 2026: MINGUS, where your money goes</span>`);
  const width = await page.evaluate<number>("document.querySelector('span').getBoundingClientRect().width");
  await page.close();
  return `Chromium ${browser.version().split('.')[0]}, a line of text ${width.toFixed(1)} px wide\n`;
}
