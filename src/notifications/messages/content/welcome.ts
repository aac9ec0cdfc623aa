import type { MessageContent } from './message-content.js';

export const WELCOME: MessageContent = {
  subject: 'messages:welcome.subject',
  preheader: 'messages:welcome.preheader',
  blocks: [
    { type: 'heading', text: 'messages:welcome.heading' },
    { type: 'paragraph', text: 'messages:welcome.thanks' },
    {
      type: 'details',
      rows: [
        { label: 'messages:welcome.account', value: '{{email}}' },
        { label: 'messages:welcome.since', value: '{{customerSince}}' },
        { label: 'messages:welcome.currency', value: '{{currency}}' },
      ],
    },
    { type: 'paragraph', text: 'messages:welcome.next' },
    {
      type: 'list',
      items: ['messages:welcome.overview', 'messages:welcome.budget', 'messages:welcome.plan'],
    },
    { type: 'button', label: 'messages:welcome.open', url: 'appUrl' },
    { type: 'link', label: 'messages:welcome.portal', url: 'portalUrl' },
    { type: 'paragraph', text: 'messages:welcome.bye' },
  ],
};
