import { ChoicePages } from '../../../src/notifications/choices/choice-pages.service.js';
import type { CustomerChoices } from '../../../src/notifications/choices/customer-choices.service.js';
import { withoutAnything } from '../../../src/notifications/choices/message-choices.js';
import type { Language } from '../../../src/platform/i18n/languages.js';
import { LANGUAGES } from '../../../src/platform/i18n/languages.js';
import type { LocalText } from '../../../src/platform/i18n/local-text.js';
import { Translator } from '../../../src/platform/i18n/translator.service.js';
import { type Page, PageRenderer } from '../../../src/platform/pages/page-renderer.service.js';
import { PortalPages } from '../../../src/portal/pages/portal-pages.service.js';
import { NotificationsSettings } from '../../../src/notifications/notifications.settings.js';
import { BrandSettings } from '../../../src/platform/brand/brand.settings.js';
import { HttpSettings } from '../../../src/platform/http/http.settings.js';
import { I18nSettings } from '../../../src/platform/i18n/i18n.settings.js';
import { sampleEnvironment } from './message-screenshots.js';

const PREFERENCES_URL = 'https://onboarding.mingus.test/preferences/x';
const CHOICES: CustomerChoices = {
  stripeCustomerId: 'cus_sample',
  notifications: { onboarding_guide: { email: true, in_app: false } },
  locale: 'en',
  preferredLocales: [],
  hasChosen: true,
};

interface Pages {
  choices: ChoicePages;
  portal: PortalPages;
}

/** All pages, by the names of their baselines. */
const PAGES: Record<string, (pages: Pages, text: LocalText) => Page> = {
  page_preferences: ({ choices }, text) => choices.preferences(text, CHOICES),
  page_preferences_none: ({ choices }, text) =>
    choices.preferences(text, { ...CHOICES, ...withoutAnything(CHOICES) }, 'unsubscribedFromAll'),
  page_unsubscribe: ({ choices }, text) => choices.unsubscribe(text, 'onboarding_guide', PREFERENCES_URL),
  page_unsubscribed: ({ choices }, text) => choices.unsubscribed(text, 'onboarding_guide', PREFERENCES_URL),
  page_unknown_link: ({ choices }, text) => choices.unknownLink(text),
  page_portal_open: ({ portal }, text) => portal.button(text),
  page_portal_unavailable: ({ portal }, text) => portal.button(text, 'unavailable'),
  page_portal_busy: ({ portal }, text) => portal.button(text, 'busy'),
  page_portal_request: ({ portal }, text) => portal.form(text),
  page_portal_invalid: ({ portal }, text) => portal.form(text, true),
  page_portal_expired: ({ portal }, text) => portal.deadLink(text, 'expired'),
  page_portal_used: ({ portal }, text) => portal.deadLink(text, 'used'),
  page_portal_closed: ({ portal }, text) => portal.deadLink(text, 'closed'),
  page_portal_sent: ({ portal }, text) => portal.note(text, 'sent'),
  page_portal_too_many: ({ portal }, text) => portal.note(text, 'tooMany'),
};

export const EVERY_PAGE = Object.keys(PAGES).flatMap((name) =>
  LANGUAGES.map((language) => [name, language] as const),
);

/** The HTML of a page. */
export function renderPage(name: string, language: Language, env: Record<string, string> = {}): string {
  const given = sampleEnvironment({ NOTIFICATION_CHANNELS: 'email,in_app', ...env });
  const [brand, http] = [new BrandSettings(given), new HttpSettings(given)];
  const translator = new Translator(new I18nSettings(given));
  const renderer = new PageRenderer(brand, http, translator);
  const text = translator.for([language]);
  const pages = {
    choices: new ChoicePages(new NotificationsSettings(given), brand, renderer),
    portal: new PortalPages(renderer, http, brand),
  };
  const page = PAGES[name]?.(pages, text);
  if (!page) throw new Error(`No page ${name}`);
  return renderer.render(text, page);
}
