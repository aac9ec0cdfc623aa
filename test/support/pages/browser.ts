import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** The path of Chromium on this machine, or the one in `CHROMIUM`. It is never downloaded. */
export const CHROMIUM: string | undefined = [process.env.CHROMIUM ?? '', ...PLACES].find((path) =>
  existsSync(path),
);

/** A headless browser that draws text alike on every screen. */
export function openBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM,
    args: ['--no-sandbox', '--disable-gpu', '--font-render-hinting=none', '--disable-lcd-text'],
  });
}
