import { judgeAddress, otherCauseIn } from '../../evidence/address-verdict.js';
import type { Verdict } from '../../evidence/refusal.js';
import { refusedAtIn } from './refused-at.js';
import { addressesIn, fieldGroups, recipientGroups, type ReportFields } from './report-fields.js';
import { textBlocks } from './report-text.js';
import { moreExact, type ReportedRecipient, firstCodeIn } from './reported-recipient.js';

const ACTIONS = new Set(['failed', 'delayed', 'delivered', 'relayed', 'expanded']);
/** Actions that are not in RFC 3464 and are used by SendGrid. */
const OTHER_ACTIONS: Readonly<Record<string, string>> = { expired: 'failed' };

/**
 * Systems without mailboxes: a rule of the domain's owner answers with one of a few fixed texts, which say
 * nothing about the mailbox. Source: Amazon SES developer guide, "Return bounce response action".
 */
const ANSWERS_BY_RULE = /\binbound-smtp\.[a-z0-9-]+\.amazonaws\.com$/i;

/** The context of a recipient's fields. */
interface Context {
  /** The report's text for people. It often says more than the fields. */
  text: string;
  isOneOfSeveral: boolean;
  answersByRule: boolean;
}

/**
 * Reads the fields of RFC 3464. It accepts what mail systems leave out or write differently.
 * @param text the report's own text for people
 * @returns null if the fields do not give a result for each recipient
 */
export function readDeliveryStatus(fields: string, text: string): ReportedRecipient[] | null {
  const groups = recipientGroups(fields);
  const reporter =
    fieldGroups(fields)
      .find((group) => group.has('reporting-mta'))
      ?.get('reporting-mta') ?? '';
  const answersByRule = ANSWERS_BY_RULE.test(reporter);
  const context = { text, isOneOfSeveral: groups.length > 1, answersByRule };
  const recipients = groups.map((group) => toRecipient(group, context));
  return recipients.length > 0 && recipients.every((one) => one !== null) ? recipients : null;
}

function toRecipient(fields: ReportFields, context: Context): ReportedRecipient | null {
  const addresses = addressesIn(fields, 'original-recipient', 'final-recipient');
  const status = /^([245]\.\d{1,3}\.\d{1,3})\b/.exec(fields.get('status') ?? '')?.[1] ?? null;
  const diagnosis = fields.get('diagnostic-code')?.replace(/^[\w-]+ *; */, '') ?? '';
  const own = context.isOneOfSeveral ? wordsAbout(addresses, context.text) : context.text;
  const words = diagnosis || own;
  const action = actionOf(fields.get('action'), status ?? firstCodeIn(words));
  if (action === '' || (status === null && diagnosis === '')) return null;
  const refusedAt = refusedAtIn(`${diagnosis}\n${own || context.text}`);
  const verdict = weakened(judgeAddress({ status, words, refusedAt }), own, context);
  return { action, code: moreExact(status, diagnosis), verdict, addresses };
}

/**
 * Corrects a verdict by the text for people. For example, the text says that the mailbox is full although the
 * code says "user unknown".
 */
function weakened(verdict: Verdict, text: string, { answersByRule }: Context): Verdict {
  if (verdict.address !== 'gone') return verdict;
  if (answersByRule) return { address: 'unclear' };
  const other = otherCauseIn(text);
  return other && ['quota', 'rate', 'size'].includes(other.about)
    ? { address: 'not_meant', evidence: other.name }
    : verdict;
}

function wordsAbout(addresses: readonly string[], text: string): string {
  const named = new Set(addresses.map((address) => address.toLowerCase()));
  return textBlocks(text).find(({ recipient }) => recipient !== null && named.has(recipient))?.words ?? '';
}

/** The action of the report. If it is missing, the code decides. Empty if it is unknown. */
function actionOf(reported: string | undefined, code: string): string {
  const action = /^\w+/.exec(reported ?? '')?.[0].toLowerCase();
  if (action !== undefined) return ACTIONS.has(action) ? action : (OTHER_ACTIONS[action] ?? '');
  if (code.startsWith('5')) return 'failed';
  return code.startsWith('4') ? 'delayed' : '';
}
