import { GONE_CODES, GONE_EVIDENCE, type GoneRow } from './gone-evidence.js';
import { OTHER_CODES, OTHER_EVIDENCE, OTHER_REPLIES, type OtherRow } from './other-evidence.js';
import type { Refusal, Verdict } from './refusal.js';

const WORDS_MAX = 4000;
/** Replies that refuse a recipient (RFC 5321 4.2.3). */
const RECIPIENT_REPLIES = new Set([550, 551, 553, 554]);
/**
 * Permanent codes without a detail (RFC 3463). Programs write them into reports if the reply has no code of
 * its own.
 */
const UNSPECIFIC_CODES = new Set(['5.0.0', '5.1.0']);

/**
 * Decides whether a refusal says that an address does not exist. Evidence of another cause overrides evidence
 * that the address is gone, in any order. Common phrases ("user unknown") count only if the recipient was
 * refused: mobile carriers send them after the data if a subscriber's filter rejects the message.
 */
export function judgeAddress({ status, words, refusedAt, isFreeText = false }: Refusal): Verdict {
  const codes = [...new Set([...(status ? [status] : []), ...enhancedCodesIn(words)])];
  const replies = replyCodesIn(words);
  const text = comparable(words);
  if (refusedAt === 'connection' || refusedAt === 'sender') return notMeant(`refused at ${refusedAt}`);

  const other = otherRowIn(text);
  if (other) return other.about === 'closed' ? { address: 'unclear' } : notMeant(other.name);
  if (isTemporary(codes, replies)) return notMeant('temporary');

  const rows = GONE_EVIDENCE.filter((row) => row.words.test(text));
  const certain = rows.find(({ isCertain }) => isCertain);
  if (certain) return { address: 'gone', evidence: certain.name };
  const code = codes.find((one) => OTHER_CODES.test(one)) ?? replies.find((one) => OTHER_REPLIES.has(one));
  const isGoneCode = codes.some((one) => GONE_CODES.has(one));
  if (code !== undefined && !(isGoneCode && code === 501)) return notMeant(String(code));

  const said = rows.find((row) => isBeside(row, codes));
  if (isGoneCode) return { address: 'gone', evidence: said?.name ?? null };
  const isOfRecipient =
    refusedAt === 'recipient' ||
    (refusedAt === null &&
      !isFreeText &&
      (replies.some((one) => RECIPIENT_REPLIES.has(one)) || codes.some((one) => UNSPECIFIC_CODES.has(one))));
  if (said && (said.beside || isOfRecipient)) return { address: 'gone', evidence: said.name };
  return { address: 'unclear' };
}

/** The evidence of a cause other than the address, if any. */
export function otherCauseIn(words: string): OtherRow | undefined {
  return otherRowIn(comparable(words));
}

function otherRowIn(text: string): OtherRow | undefined {
  return OTHER_EVIDENCE.find((row) => row.words.test(text));
}

/** All enhanced status codes (RFC 3463) in a text, without parts of IP addresses and versions. */
export function enhancedCodesIn(words: string): string[] {
  return [...words.slice(0, WORDS_MAX).matchAll(/(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.]*\d)/g)].map(
    ([, code]) => code as string,
  );
}

/** The SMTP reply codes in a text: at its beginning, and where it quotes a server. */
export function replyCodesIn(words: string): number[] {
  const quoted = /(?:^|[:;>(\n'"]|\bsaid|\breason|\bcode)[ \t:"'-]*([245]\d\d)(?=[ \t:#-]|$)/gim;
  return [...words.slice(0, WORDS_MAX).matchAll(quoted)].map(([, code]) => Number(code));
}

function isTemporary(codes: readonly string[], replies: readonly number[]): boolean {
  return codes.some((code) => code.startsWith('4.')) || replies.some((reply) => reply >= 400 && reply < 500);
}

function isBeside({ beside }: GoneRow, codes: readonly string[]): boolean {
  return beside === undefined || codes.some((code) => beside.test(code));
}

function notMeant(evidence: string): Verdict {
  return { address: 'not_meant', evidence };
}

/**
 * Normalises a text: removes addresses and links, whose words are not part of a diagnosis, and joins the
 * lines of a reply.
 */
function comparable(words: string): string {
  return words
    .slice(0, WORDS_MAX)
    .replace(/\bhttps?:\/\/\S+/gi, ' ')
    .replace(/[\r\n]+[ \t]*(?:[245]\d\d[ -](?:[245]\.\d{1,3}\.\d{1,3})?)?/g, ' ')
    .replace(/<?[^\s<>"(),;:]+@[^\s<>"(),;:]+>?/g, '<>')
    .replace(/[ \t]+/g, ' ')
    .toLowerCase();
}
