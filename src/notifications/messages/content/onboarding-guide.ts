import type { MessageContent } from './message-content.js';

/** The steps of the first week. To add one, add it here and its texts in every language. */
const STEPS = [
  { title: 'messages:guide.connect.title', text: 'messages:guide.connect.text' },
  { title: 'messages:guide.categories.title', text: 'messages:guide.categories.text' },
  { title: 'messages:guide.budget.title', text: 'messages:guide.budget.text' },
  { title: 'messages:guide.goal.title', text: 'messages:guide.goal.text' },
];

export const ONBOARDING_GUIDE: MessageContent = {
  subject: 'messages:guide.subject',
  preheader: 'messages:guide.preheader',
  blocks: [
    { type: 'heading', text: 'messages:guide.heading' },
    { type: 'paragraph', text: 'messages:guide.intro' },
    { type: 'steps', steps: STEPS },
    { type: 'button', label: 'messages:guide.start', url: 'appUrl' },
    { type: 'note', text: 'messages:guide.bye' },
  ],
};
