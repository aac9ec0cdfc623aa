import type { RefusedAt } from '../../evidence/refusal.js';

/** Phrases by which mail servers name the command at which a message was refused. */
const STEPS: readonly { at: RefusedAt; words: RegExp; source: string }[] = [
  {
    at: 'connection',
    words: /after initial connection|refused to talk to me|in reply to (EHLO|HELO)|greeting failed/i,
    source: 'Exim, Postfix, qmail',
  },
  {
    at: 'sender',
    words:
      /after MAIL FROM|in reply to (the )?MAIL FROM|>>> ?MAIL\b|\[MAIL_FROM\]|(did not like our|does not like) (MAIL FROM|sender)|sender was rejected/i,
    source: 'Exim, Postfix, Sendmail, Yahoo, DragonFly, qmail',
  },
  {
    at: 'recipient',
    words:
      /after RCPT\b|in reply to (the )?RCPT TO|>>> ?RCPT\b|\[RCPT_TO\]|did not like our RCPT TO|does not like recipient|RCPT TO command|SMTP command[ \t]*\n[ \t]*RCPT|\(state 14\)|^RCPT TO:/im,
    source: 'Exim, Postfix, Sendmail, Yahoo, DragonFly, qmail, Gmail',
  },
  {
    at: 'data',
    words:
      /after (end of )?data\b|in reply to (the )?(end of )?DATA\b|>>> ?(DATA|\.)|\[(DATA|BODY|END_OF_DATA)\]|did not like our (final )?DATA|failed after I sent the message|for (TEXT|DATA) command|SMTP command[ \t]*\n[ \t]*DATA/i,
    source: 'Exim, Postfix, Sendmail, Yahoo, DragonFly, qmail, 1&1',
  },
];

/** The first phrase decides. Null if the report does not say. */
export function refusedAtIn(text: string): RefusedAt | null {
  const found = STEPS.map(({ at, words }) => ({ at, index: text.search(words) })).filter(
    ({ index }) => index >= 0,
  );
  found.sort((a, b) => a.index - b.index);
  return found[0]?.at ?? null;
}
