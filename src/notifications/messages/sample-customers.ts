import type { MessageRecipient } from './message-composer.service.js';

/** Sample customers for previews and for the check of an operator's content. */
export const SAMPLE_CUSTOMERS = {
  ordinary: sample({ name: 'Ada Lovelace', email: 'ada@example.com' }),
  nameless: sample({ name: null, email: 'billing@example.com' }),
  long: sample({
    name: 'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft AG',
    email: `${'long-address.'.repeat(4)}@${'department.'.repeat(16)}example.com`,
    currency: 'bam',
  }),
  rtl: sample({ name: 'محمد بن موسى الخوارزمي', email: 'الخوارزمي@example.com', currency: 'aed' }),
  hostile: sample({
    name: '</td><script>alert(1)</script> {{7*7}} "victim@x.test, Eve"\r\nBcc: victim@x.test\u202E',
    email: '"<b>eve</b>"@example.com',
  }),
} satisfies Record<string, MessageRecipient>;

export type SampleCustomer = keyof typeof SAMPLE_CUSTOMERS;
export const SAMPLE_NAMES = Object.keys(SAMPLE_CUSTOMERS) as SampleCustomer[];

function sample(
  fields: Pick<MessageRecipient, 'name' | 'email'> & Partial<MessageRecipient>,
): MessageRecipient {
  return {
    locale: 'en',
    preferredLocales: [],
    timezone: 'Europe/Madrid',
    currency: 'eur',
    customerSince: new Date('2026-11-24T09:00:00Z'),
    ...fields,
  };
}
