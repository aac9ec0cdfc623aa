import type { MessageContent } from './message-content.js';

export const PORTAL_LINK: MessageContent = {
  subject: 'messages:portalLink.subject',
  preheader: 'messages:portalLink.preheader',
  blocks: [
    { type: 'heading', text: 'messages:portalLink.heading' },
    { type: 'paragraph', text: 'messages:portalLink.intro' },
    { type: 'button', label: 'messages:portalLink.open', url: 'portalUrl' },
    { type: 'note', text: 'messages:portalLink.notAsked' },
  ],
};
