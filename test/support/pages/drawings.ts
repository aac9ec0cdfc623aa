import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, type TestContext } from 'vitest';
import { contrastOf } from '../../../src/platform/brand/brand-palette.js';
import { openBrowser } from './browser.js';
import {
  describeEnvironment,
  ENVIRONMENT_FILE,
  openPage,
  type Scheme,
  show,
  TEXT_COLORS,
} from './message-screenshots.js';

/** A browser with one page for the tests of a `describe`. Each test shows its own content on it. */
export class Drawings {
  private browser!: Browser;
  page!: Page;
  private environment = '';

  constructor() {
    beforeAll(async () => {
      this.browser = await openBrowser();
      this.environment = await describeEnvironment(this.browser);
      this.page = await openPage(this.browser);
    });
    afterAll(() => this.browser.close());
  }

  /** Skips a test that compares with baselines if they were drawn with another browser or font. */
  needBaselines(skip: TestContext['skip']): void {
    if (readFileSync(ENVIRONMENT_FILE, 'utf8') === this.environment) return;
    skip(`the baselines were drawn elsewhere, and this is ${this.environment}`);
  }

  /** The value of an expression on the drawn page. */
  async ask<T>(html: string, width: number, scheme: Scheme, expression: string): Promise<T> {
    await show(this.page, html, width, scheme);
    return this.page.evaluate<T>(expression);
  }

  /** By how many px the page is too wide for a phone. */
  overflowOf(html: string): Promise<number> {
    return this.ask(html, 320, 'light', 'document.documentElement.scrollWidth - innerWidth');
  }

  /** The number of texts, and the texts with too little contrast (WCAG AA). */
  async textsOf(html: string, scheme: Scheme): Promise<{ count: number; faint: string[][] }> {
    const texts = await this.ask<[string, string, string][]>(html, 600, scheme, TEXT_COLORS);
    return {
      count: texts.length,
      faint: texts.filter(([, text, background]) => contrastOf(text, background) < 4.5),
    };
  }
}
