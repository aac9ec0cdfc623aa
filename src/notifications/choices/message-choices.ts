import type { MessageChoices } from '../../events/notification-facts.event.js';
import { type Language, LANGUAGES, spokenLocale } from '../../platform/i18n/languages.js';
import {
  type ChannelName,
  CHANNELS,
  isOptional,
  NOTIFICATION_KINDS,
  OPTIONAL_KINDS,
} from '../notification-kind.js';

type Chosen = MessageChoices['notifications'];

/** Stands for the optional kinds that have no entry, such as later kinds. */
export const ANYTHING_NEW = '*';
/** What a customer can choose. */
export const CHOOSABLE: readonly string[] = [...OPTIONAL_KINDS, ANYTHING_NEW];
/** Kinds that other parts of MINGUS send and that are not optional. */
const NECESSARY_ELSEWHERE = ['billing'];

/** Whether the customer wants messages of this kind through this channel. The default is yes. */
export function isWanted(chosen: Chosen, kind: string, channel: string): boolean {
  const others = isOptional(kind) ? chosen[ANYTHING_NEW]?.[channel] : undefined;
  return chosen[kind]?.[channel] ?? others ?? true;
}

export function without(choices: MessageChoices, kind: string, channel: ChannelName): MessageChoices {
  return { ...choices, notifications: withChoice(choices.notifications, kind, channel, false) };
}

/** Turns off everything that is not necessary, including kinds of other parts of MINGUS and of later releases. */
export function withoutAnything(choices: MessageChoices): MessageChoices {
  const necessary = new Set<string>([
    ...NOTIFICATION_KINDS.filter((kind) => !isOptional(kind)),
    ...NECESSARY_ELSEWHERE,
  ]);
  const kinds = new Set([...Object.keys(choices.notifications), ...CHOOSABLE]);
  let { notifications } = choices;
  for (const kind of [...kinds].filter((name) => !necessary.has(name))) {
    const channels = new Set([...CHANNELS, ...Object.keys(notifications[kind] ?? {})]);
    for (const channel of channels) notifications = withChoice(notifications, kind, channel, false);
  }
  return { ...choices, notifications };
}

/**
 * Applies the page's form to the choices: `onboarding_guide.email=on`, `language=es`. A missing field changes
 * nothing, so that an old page does not decide about a kind that it did not show. Returns null if a value is
 * invalid.
 * @param shown the language of the page. If the form has the same language, the customer's region (`es-MX`)
 * stays.
 */
export function withForm(
  choices: MessageChoices,
  form: Readonly<Record<string, unknown>>,
  shown: Language,
): MessageChoices | null {
  let { notifications, locale } = choices;
  for (const kind of CHOOSABLE) {
    for (const channel of CHANNELS) {
      const value = form[fieldOf(kind, channel)];
      if (value === undefined) continue;
      if (value !== 'on' && value !== 'off') return null;
      if (isWanted(notifications, kind, channel) === (value === 'on')) continue;
      notifications = withChoice(notifications, kind, channel, value === 'on');
    }
  }
  if (form.language !== undefined) {
    const language = LANGUAGES.find((known) => known === form.language);
    if (!language) return null;
    if (language !== shown || spokenLocale(locale) === null) locale = language;
  }
  return { notifications, locale };
}

/** The name of a choice's field in the form. */
export function fieldOf(kind: string, channel: string): string {
  return `${kind}.${channel}`;
}

function withChoice(chosen: Chosen, kind: string, channel: string, wanted: boolean): Chosen {
  return { ...chosen, [kind]: { ...chosen[kind], [channel]: wanted } };
}
