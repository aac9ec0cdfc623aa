import { ChoicePages } from '../../src/notifications/choices/choice-pages.service.js';
import type { CustomerChoices } from '../../src/notifications/choices/customer-choices.service.js';
import { withoutAnything } from '../../src/notifications/choices/message-choices.js';
import type { Language } from '../../src/platform/i18n/languages.js';
import { LANGUAGES } from '../../src/platform/i18n/languages.js';
import type { LocalText } from '../../src/platform/i18n/local-text.js';
import { Translator } from '../../src/platform/i18n/translator.service.js';
import { type Page, PageRenderer } from '../../src/platform/pages/page-renderer.service.js';
import { sampleConfig } from './message-screenshots.js';

const PREFERENCES_URL = 'https://onboarding.mingus.test/preferences/x';
const CHOICES: CustomerChoices = {
  stripeCustomerId: 'cus_sample',
  notifications: { onboarding_guide: { email: true, in_app: false } },
  locale: 'en',
  preferredLocales: [],
};

/** Each page about choices, with a name for its baselines. */
const PAGES: Record<string, (pages: ChoicePages, text: LocalText) => Page> = {
  page_preferences: (pages, text) => pages.preferences(text, CHOICES),
  page_preferences_none: (pages, text) =>
    pages.preferences(text, { ...CHOICES, ...withoutAnything(CHOICES) }, 'unsubscribedFromAll'),
  page_unsubscribe: (pages, text) => pages.unsubscribe(text, 'onboarding_guide', PREFERENCES_URL),
  page_unsubscribed: (pages, text) => pages.unsubscribed(text, 'onboarding_guide', PREFERENCES_URL),
  page_unknown_link: (pages, text) => pages.unknownLink(text),
};

export const EVERY_PAGE = Object.keys(PAGES).flatMap((name) =>
  LANGUAGES.map((language) => [name, language] as const),
);

/** The HTML of a page. */
export function renderPage(name: string, language: Language, env: Record<string, string> = {}): string {
  const config = sampleConfig({ NOTIFICATION_CHANNELS: 'email,in_app', ...env });
  const translator = new Translator(config);
  const renderer = new PageRenderer(config, translator);
  const text = translator.for([language]);
  const page = PAGES[name]?.(new ChoicePages(config, renderer), text);
  if (!page) throw new Error(`No page ${name}`);
  return renderer.render(text, page);
}
