import type { MessageContent } from './message-content.js';

export const PORTAL_ACCESS: MessageContent = {
  subject: 'messages:portal.subject',
  preheader: 'messages:portal.preheader',
  blocks: [
    { type: 'heading', text: 'messages:portal.heading' },
    { type: 'paragraph', text: 'messages:portal.intro' },
    {
      type: 'list',
      items: ['messages:portal.invoices', 'messages:portal.card', 'messages:portal.plan'],
    },
    { type: 'button', label: 'messages:portal.open', url: 'portalUrl' },
    { type: 'note', text: 'messages:portal.stripe' },
  ],
};
