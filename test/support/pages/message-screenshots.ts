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
import { BrandSettings } from '../../../src/platform/brand/brand.settings.js';
import { HttpSettings } from '../../../src/platform/http/http.settings.js';
import { I18nSettings } from '../../../src/platform/i18n/i18n.settings.js';
import type { Environment } from '../../../src/platform/settings/settings.js';
import { readEnvironment } from '../../../src/settings.js';
import { type Language, LANGUAGES } from '../../../src/platform/i18n/languages.js';
import { Translator } from '../../../src/platform/i18n/translator.service.js';

const WIDTHS = [320, 600, 1000] as const;
export const SCHEMES = ['light', 'dark'] as const;
const DRAWN_IN_FULL = new Set(['welcome', 'page_preferences']);
export const EVERY_MESSAGE = NOTIFICATION_KINDS.flatMap((kind) =>
  LANGUAGES.map((language) => [kind, language] as const),
);
export const BASELINES = new URL('../../baselines/', import.meta.url);
/** Names the browser and fonts of the baselines. Text looks different with others. */
export const ENVIRONMENT_FILE = new URL('environment.txt', BASELINES);

/** The share of pixels that may differ. Smoothed edges of letters stay below it, a moved line does not. */
const TOLERANCE = 0.005;

/** Evaluated in the page: every visible text with its colour and background. */
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
  const given = sampleEnvironment(env);
  const translator = new Translator(new I18nSettings(given));
  const composer = new MessageComposer(new BrandSettings(given), new HttpSettings(given), translator);
  const recipient = { ...SAMPLE_CUSTOMERS[sample], locale: language };
  return composer.compose(composer.builtInFor(kind, language), recipient, {
    preferencesUrl: 'https://onboarding.mingus.test/preferences/x',
    ...(isOptional(kind) ? { unsubscribeUrl: 'https://onboarding.mingus.test/unsubscribe/x' } : {}),
  });
}

/** An environment with a plain brand. */
export function sampleEnvironment(env: Record<string, string> = {}): Environment {
  return readEnvironment({
    NODE_ENV: 'test',
    DATABASE_URL: 'postgres://localhost/none',
    STRIPE_WEBHOOK_SECRET: 'whsec_none',
    SMTP_SERVER: '127.0.0.1',
    MAIL_FROM: 'MINGUS <hello@mingus.test>',
    PUBLIC_URL: 'https://onboarding.mingus.test',
    APP_URL: 'https://app.mingus.test',
    ADMIN_API_KEY: 'not-a-key-only-to-compose-some-messages',
    LINK_SIGNING_KEYS: 'not-a-key-only-to-compose-some-messages',
    POSTAL_ADDRESS: 'MINGUS Inc., 1 Main Street, Springfield',
    ...env,
  });
}

/** A page that shows messages as a mail program would, without network access. */
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

/** Draws the variants of a message or page: `320-dark` → PNG. */
export async function screenshotsOf(
  page: Page,
  html: string,
  name: string,
  language: Language,
): Promise<Map<string, Buffer>> {
  const screenshots = new Map<string, Buffer>();
  for (const [width, scheme] of variantsOf(name, language)) {
    await show(page, html, width, scheme);
    screenshots.set(`${width}-${scheme}`, await page.screenshot({ fullPage: true, animations: 'disabled' }));
  }
  return screenshots;
}

/**
 * All messages share one layout, and all pages another. One message and one page are drawn in every variant,
 * the others in a single one.
 */
function variantsOf(name: string, language: Language): (readonly [number, Scheme])[] {
  if (language !== 'en' || !DRAWN_IN_FULL.has(name)) return [[320, 'light']];
  return WIDTHS.flatMap((width) => SCHEMES.map((scheme) => [width, scheme] as const));
}

/** @param name the kind of a message, or `page_` and the name of a page */
export function baselineOf(name: string, language: Language, variant: string): URL {
  return new URL(`${name}-${language}-${variant}.png`, BASELINES);
}

/** The variants of a message or page that differ from their baselines, with the difference. */
export async function differencesFromBaselines(
  page: Page,
  html: string,
  name: string,
  language: Language,
): Promise<string[]> {
  const screenshots = await screenshotsOf(page, html, name, language);
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

/** The fonts of messages and of pages. Each takes the first one that the machine has. */
const FONTS = [
  "20px -apple-system, BlinkMacSystemFont, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif",
  "20px system-ui, -apple-system, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif",
];

/** The browser's major version, and the widths of a text in the fonts that it uses for messages and pages. */
export async function describeEnvironment(browser: Browser): Promise<string> {
  const page = await browser.newPage();
  const widths: string[] = [];
  for (const font of FONTS) {
    await page.setContent(`<span style="font: ${font}">Año 2026: MINGUS, where your money goes</span>`);
    const width = await page.evaluate<number>("document.querySelector('span').getBoundingClientRect().width");
    widths.push(width.toFixed(1));
  }
  await page.close();
  return `Chromium ${browser.version().split('.')[0]}, a line of text ${widths.join(' and ')} px wide\n`;
}
