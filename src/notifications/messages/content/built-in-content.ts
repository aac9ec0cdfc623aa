import type { LocalText } from '../../../platform/i18n/local-text.js';
import type { NotificationKind } from '../../notification-kind.js';
import { mapTexts, type MessageContent } from '../message-content.js';
import { ONBOARDING_GUIDE } from './onboarding-guide.js';
import { PORTAL_ACCESS } from './portal-access.js';
import { PORTAL_LINK } from './portal-link.js';
import { WELCOME } from './welcome.js';

/** What each kind of message consists of; in place of its texts stand their keys in the translations. */
export const CONTENT: Record<NotificationKind, MessageContent> = {
  welcome: WELCOME,
  onboarding_guide: ONBOARDING_GUIDE,
  portal_access: PORTAL_ACCESS,
  portal_link: PORTAL_LINK,
};

/** The message as we wrote it, in the language of `text`. Plural forms are those for its number of steps. */
export function builtInContent(kind: NotificationKind, text: LocalText): MessageContent {
  const count = countSteps(CONTENT[kind]);
  return mapTexts(CONTENT[kind], (entry) =>
    entry.startsWith('messages:') ? text.source(entry, { count }) : entry,
  );
}

/** How many steps a message walks through: the field `stepCount` of its texts. */
export function countSteps({ blocks }: MessageContent): number {
  return blocks.reduce((sum, block) => sum + (block.type === 'steps' ? block.steps.length : 0), 0);
}
