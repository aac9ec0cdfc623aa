import type { LocalText } from '../../../platform/i18n/local-text.js';
import type { NotificationKind } from '../../notification-kind.js';
import { mapTexts, type MessageContent } from './message-content.js';
import { ONBOARDING_GUIDE } from './onboarding-guide.js';
import { PORTAL_ACCESS } from './portal-access.js';
import { PORTAL_LINK } from './portal-link.js';
import { WELCOME } from './welcome.js';

/** The blocks of each kind of message. The texts are keys of the translations. */
export const CONTENT: Record<NotificationKind, MessageContent> = {
  welcome: WELCOME,
  onboarding_guide: ONBOARDING_GUIDE,
  portal_access: PORTAL_ACCESS,
  portal_link: PORTAL_LINK,
};

/** The built-in message in the language of `text`. Plural forms follow the number of steps. */
export function builtInContent(kind: NotificationKind, text: LocalText): MessageContent {
  const count = countSteps(CONTENT[kind]);
  return mapTexts(CONTENT[kind], (entry) =>
    entry.startsWith('messages:') ? text.source(entry, { count }) : entry,
  );
}

/** The number of steps in a message: the field `stepCount` of its texts. */
export function countSteps({ blocks }: MessageContent): number {
  return blocks.reduce((sum, block) => sum + (block.type === 'steps' ? block.steps.length : 0), 0);
}
