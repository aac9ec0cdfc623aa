import { describe, expect, it } from 'vitest';
import { CHROMIUM } from '../support/pages/browser.js';
import { Drawings } from '../support/pages/drawings.js';
import { differencesFromBaselines, SCHEMES } from '../support/pages/message-screenshots.js';
import { EVERY_PAGE, renderPage } from '../support/pages/page-screenshots.js';

if (!CHROMIUM)
  process.stderr.write('No Chromium on this machine: pages are not drawn (CHROMIUM says where)\n');

describe.skipIf(!CHROMIUM)('a page for customers', { timeout: 120_000 }, () => {
  const drawings = new Drawings();

  it.for(EVERY_PAGE)('looks like its baseline: %s in %s', async ([name, language], { skip }) => {
    drawings.needBaselines(skip);
    const html = renderPage(name, language);
    expect(await differencesFromBaselines(drawings.page, html, name, language)).toEqual([]);
  });

  it.each(EVERY_PAGE)('fits a phone of 320 px: %s in %s', async (name, language) => {
    expect(await drawings.overflowOf(renderPage(name, language))).toBe(0);
  });

  it.each(['#0b6e4f', '#ffcc00', '#101010', '#d6336c'])(
    'is readable in light and dark with the brand colour %s',
    async (color) => {
      for (const [name] of EVERY_PAGE.filter(([, spoken]) => spoken === 'en')) {
        for (const scheme of SCHEMES) {
          const { count, faint } = await drawings.textsOf(
            renderPage(name, 'en', { BRAND_COLOR: color }),
            scheme,
          );
          expect(count).toBeGreaterThan(3);
          expect({ name, scheme, faint }).toEqual({ name, scheme, faint: [] });
        }
      }
    },
  );
});
