import { describe, expect, it } from 'vitest';
import { SAMPLE_NAMES } from '../../src/notifications/messages/sample-customers.js';
import { CHROMIUM } from '../support/pages/browser.js';
import { Drawings } from '../support/pages/drawings.js';
import {
  composeSample,
  differencesFromBaselines,
  EVERY_MESSAGE,
  SCHEMES,
  show,
} from '../support/pages/message-screenshots.js';

if (!CHROMIUM)
  process.stderr.write('No Chromium on this machine: messages are not drawn (CHROMIUM says where)\n');

describe.skipIf(!CHROMIUM)('a message in a browser', { timeout: 120_000 }, () => {
  const drawings = new Drawings();

  it.for(EVERY_MESSAGE)('looks like its baseline: %s in %s', async ([kind, language], { skip }) => {
    drawings.needBaselines(skip);
    const { html } = composeSample(kind, language);
    expect(await differencesFromBaselines(drawings.page, html, kind, language)).toEqual([]);
  });

  it.each(EVERY_MESSAGE)(
    'fits a phone of 320 px for every sample customer: %s in %s',
    async (kind, language) => {
      for (const sample of SAMPLE_NAMES) {
        const overflow = await drawings.overflowOf(composeSample(kind, language, sample).html);
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
          const { count, faint } = await drawings.textsOf(html, scheme);
          expect(count).toBeGreaterThan(8);
          expect({ kind, scheme, faint }).toEqual({ kind, scheme, faint: [] });
        }
      }
    },
  );

  it('names its sender when pictures are not shown', async () => {
    const { html } = composeSample('welcome', 'en', 'ordinary', {
      BRAND_LOGO_URL: 'https://cdn.test/logo.png',
    });
    await show(drawings.page, html, 320, 'dark');

    expect(await drawings.page.getByRole('img', { name: 'MINGUS' }).count()).toBe(1);
    expect(await drawings.page.getByRole('heading', { level: 1 }).textContent()).toBe(
      'Welcome, Ada Lovelace',
    );
    expect(
      await drawings.page.getByRole('article', { name: 'Welcome to MINGUS, Ada Lovelace' }).count(),
    ).toBe(1);
    expect(await drawings.page.getByRole('table').count()).toBe(0);
    expect(await drawings.page.getByRole('link', { name: 'Open MINGUS' }).getAttribute('href')).toBe(
      'https://app.mingus.test',
    );
  });

  it.each(EVERY_MESSAGE)(
    'runs no script and has no other links with a hostile name: %s in %s',
    async (kind, language) => {
      const { html } = composeSample(kind, language, 'hostile');
      const links = 'JSON.stringify([...document.links].map((link) => link.href))';
      const strange = "document.querySelectorAll('script, img, iframe, form, b').length";

      expect(await drawings.ask(html, 600, 'light', strange)).toBe(0);
      expect(await drawings.ask(html, 600, 'light', links)).toBe(
        await drawings.ask(composeSample(kind, language).html, 600, 'light', links),
      );
    },
  );
});
