import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CHROMIUM, openBrowser } from '../support/pages/browser.js';
import { ChoicesTest } from '../support/pages/choices.js';

if (!CHROMIUM)
  process.stderr.write(
    'No Chromium on this machine: the preference page is not used (CHROMIUM says where)\n',
  );

describe.skipIf(!CHROMIUM)('in a browser (needs Chromium)', () => {
  let test: ChoicesTest;
  let browser: Browser;
  let page: Page;
  let complaints: string[];

  beforeAll(async () => {
    test = await ChoicesTest.start();
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser.close();
    await test.stop();
  });
  afterEach(async () => {
    await page.close();
    expect(complaints).toEqual([]);
  });

  describe.each([true, false])('(JavaScript: %s)', (javaScriptEnabled) => {
    beforeEach(async () => {
      complaints = [];
      page = await browser.newPage({ javaScriptEnabled, viewport: { width: 320, height: 700 } });
      page.on('console', (message) => complaints.push(message.text()));
    });

    it('a customer chooses with keyboard and mouse, and finds the saved choices', async () => {
      const reader = await test.onboardReader();
      await page.goto(test.service.url + reader.preferences);
      const guide = page.getByRole('group', { name: 'Getting started' }).getByLabel('By email');
      expect(await guide.isChecked()).toBe(true);

      await guide.focus();
      await page.keyboard.press('Space');
      await page.getByLabel('Language of our messages').selectOption('Español');
      await page.getByRole('button', { name: 'Save' }).click();

      await page.getByRole('status').getByText('Tus preferencias se han guardado.').waitFor();
      await page.goto(test.service.url + reader.preferences);
      const kinds = page.getByRole('group');
      expect(await kinds.nth(0).getByLabel('Por correo electrónico').isChecked()).toBe(false);
      expect(await kinds.nth(1).getByLabel('Por correo electrónico').isChecked()).toBe(true);
      expect(await test.chosen(reader)).toMatchObject({
        locale: 'es',
        notifications: { onboarding_guide: { email: false }, welcome: { email: true } },
      });
    });

    it('a customer unsubscribes from one kind, then from all', async () => {
      const reader = await test.onboardReader();
      await page.goto(test.service.url + reader.unsubscribe);

      await page.getByRole('button', { name: 'Unsubscribe' }).click();
      await page.getByRole('heading', { name: 'You are unsubscribed' }).waitFor();

      const link = await page.getByRole('link', { name: 'Choose what we send you' }).getAttribute('href');
      await page.goto(test.service.url + new URL(link ?? '').pathname);
      const boxes = page.getByRole('checkbox');
      expect(await boxes.nth(0).isChecked()).toBe(false);
      expect(await boxes.nth(1).isChecked()).toBe(true);
      await page.getByRole('button', { name: 'Unsubscribe from all' }).click();
      await page.getByRole('status').waitFor();
      expect(await page.getByRole('checkbox', { checked: true }).count()).toBe(0);
    });

    it('an invalid link leads to a page', async () => {
      const answer = await page.goto(`${test.service.url}/preferences/nothing`);

      expect(answer?.status()).toBe(404);
      expect(await page.getByRole('heading').textContent()).toBe('This link does not work');
      complaints = complaints.filter((text) => !/status of 404/.test(text));
    });
  });
});
