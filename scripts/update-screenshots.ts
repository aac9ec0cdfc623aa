import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { CHROMIUM, openBrowser } from '../test/support/pages/browser.js';
import {
  BASELINES,
  baselineOf,
  composeSample,
  describeEnvironment,
  ENVIRONMENT_FILE,
  EVERY_MESSAGE,
  openPage,
  screenshotsOf,
} from '../test/support/pages/message-screenshots.js';
import { EVERY_PAGE, renderPage } from '../test/support/pages/page-screenshots.js';

/** Draws the baselines of all messages and pages again. Review the differences before you commit them. */
if (!CHROMIUM) throw new Error('No Chromium found; set CHROMIUM to its path');
const browser = await openBrowser();
const page = await openPage(browser);
rmSync(BASELINES, { recursive: true, force: true });
mkdirSync(BASELINES);
const drawings = [
  ...EVERY_MESSAGE.map(([kind, language]) => [kind, language, composeSample(kind, language).html] as const),
  ...EVERY_PAGE.map(([name, language]) => [name, language, renderPage(name, language)] as const),
];
for (const [name, language, html] of drawings) {
  for (const [variant, image] of await screenshotsOf(page, html, name, language)) {
    writeFileSync(baselineOf(name, language, variant), image);
  }
}
writeFileSync(ENVIRONMENT_FILE, await describeEnvironment(browser));
await browser.close();
