import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, type TestContext } from 'vitest';
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

/** A browser for the tests of a `describe`, and a page for each of them. */
export class Drawings {
  private browser!: Browser;
  page!: Page;
  private environment = '';

  constructor() {
    beforeAll(async () => {
      this.browser = await openBrowser();
      this.environment = await describeEnvironment(this.browser);
    });
    afterAll(() => this.browser.close());
    beforeEach(async () => {
      this.page = await openPage(this.browser);
    });
    afterEach(() => this.page.close());
  }

  /** Skips a test that compares with baselines where they were drawn with something else. */
  needBaselines(skip: TestContext['skip']): void {
    if (readFileSync(ENVIRONMENT_FILE, 'utf8') === this.environment) return;
    skip(`no baselines for ${this.environment}`);
  }

  /** What a page says once it is drawn. */
  async ask<T>(html: string, width: number, scheme: Scheme, expression: string): Promise<T> {
    await show(this.page, html, width, scheme);
    return this.page.evaluate<T>(expression);
  }

  /** By how much it is too wide for a telephone, in px. */
  overflowOf(html: string): Promise<number> {
    return this.ask(html, 320, 'light', 'document.documentElement.scrollWidth - innerWidth');
  }

  /** The texts, and those of them that are too faint to be read (WCAG AA). */
  async textsOf(html: string, scheme: Scheme): Promise<{ count: number; faint: string[][] }> {
    const texts = await this.ask<[string, string, string][]>(html, 600, scheme, TEXT_COLORS);
    return {
      count: texts.length,
      faint: texts.filter(([, text, background]) => contrastOf(text, background) < 4.5),
    };
  }
}
