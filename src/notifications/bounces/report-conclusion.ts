import { normaliseAddress } from '../../platform/mail-address.js';
import type { Verdict } from '../evidence/refusal.js';
import type { MailReport } from './reports/mail-report.js';
import type { ReportedRecipient } from './reports/reported-recipient.js';

/** What a report means for one message and its address. */
export interface Conclusion {
  outcome: 'hard_bounce' | 'bounce' | 'complaint' | 'noted';
  /** The code of a delivery status, or the type of a feedback report. */
  code: string;
  verdict: Verdict | 'complaint';
}

/**
 * Decides what a report means for the address that the message went to. A delay is not a failure. Reports of
 * type `fraud` and `not-spam` are not complaints.
 *
 * Only the parts of a report that name the address are evidence against it. If a report names other
 * addresses, the message was forwarded to them, and the customer's address may work. A report that names no
 * address is evidence if it came to the bounce address of this very message.
 * @param cameToOwnAddress whether the report was addressed to the message's own bounce address (VERP)
 */
export function conclusionOf(report: MailReport, address: string, cameToOwnAddress: boolean): Conclusion {
  if (report.type === 'feedback') {
    const outcome = report.feedbackType === 'abuse' ? 'complaint' : 'noted';
    return { outcome, code: report.feedbackType, verdict: 'complaint' };
  }
  const own = report.recipients.filter(({ addresses }) => isAmong(addresses, address));
  const recipients = own.length > 0 ? own : report.recipients;
  const weakest = recipients.reduce((one, other) => (strengthOf(other) < strengthOf(one) ? other : one));
  const isOfOthers = own.length === 0 && report.recipients.some(({ addresses }) => addresses.length > 0);
  const isOurs = own.length > 0 || (cameToOwnAddress && !isOfOthers);
  const verdict = isOurs ? weakest.verdict : withoutAddress(weakest.verdict, isOfOthers);
  const outcome = OUTCOMES[strengthOf({ action: weakest.action, verdict })] as Conclusion['outcome'];
  return { outcome, code: weakest.code, verdict };
}

const OUTCOMES: readonly Conclusion['outcome'][] = ['noted', 'bounce', 'bounce', 'hard_bounce'];

/** The verdict if the report does not name the address. */
function withoutAddress(verdict: Verdict, isOfOthers: boolean): Verdict {
  if (isOfOthers) return { address: 'not_meant', evidence: 'another recipient' };
  return verdict.address === 'gone' ? { address: 'unclear' } : verdict;
}

/** How strong a recipient's part of the report is as evidence against the address. */
function strengthOf({ action, verdict }: Pick<ReportedRecipient, 'action' | 'verdict'>): number {
  if (action !== 'failed') return 0;
  return { not_meant: 1, unclear: 2, gone: 3 }[verdict.address];
}

function isAmong(addresses: readonly string[], address: string): boolean {
  return addresses.some((one) => normaliseAddress(one) === normaliseAddress(address));
}
