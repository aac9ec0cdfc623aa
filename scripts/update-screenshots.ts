import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { CHROMIUM, openBrowser } from '../test/support/browser.js';
import {
  BASELINES,
  baselineOf,
  describeEnvironment,
  ENVIRONMENT_FILE,
  EVERY_MESSAGE,
  openPage,
  screenshotsOf,
} from '../test/support/message-screenshots.js';

/** Draws the baselines of all messages anew. Look at what changed before you commit it. */
if (!CHROMIUM) throw new Error('No Chromium on this machine; CHROMIUM can say where it is');
const browser = await openBrowser();
const page = await openPage(browser);
rmSync(BASELINES, { recursive: true, force: true });
mkdirSync(BASELINES);
for (const [kind, language] of EVERY_MESSAGE) {
  for (const [variant, image] of await screenshotsOf(page, kind, language)) {
    writeFileSync(baselineOf(kind, language, variant), image);
  }
}
writeFileSync(ENVIRONMENT_FILE, await describeEnvironment(browser));
await browser.close();
