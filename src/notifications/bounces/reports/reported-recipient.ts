import { enhancedCodesIn, replyCodesIn } from '../../evidence/address-verdict.js';
import type { Verdict } from '../../evidence/refusal.js';

/** What a report says about one recipient. */
export interface ReportedRecipient {
  /** `failed`, `delayed`, `delivered`, `relayed`, `expanded` (RFC 3464 2.3.3). */
  action: string;
  /** The most exact code of the report: `5.1.1`, `550`. Empty if there is none. */
  code: string;
  verdict: Verdict;
  /** The addresses that the report names: as we wrote them, and as the mail system calls them. */
  addresses: string[];
}

/** The first code in a text. Empty if there is none. */
export function firstCodeIn(words: string): string {
  return enhancedCodesIn(words)[0] ?? String(replyCodesIn(words)[0] ?? '');
}

/** The code of a diagnosis is more exact than the status code of the reporting system. */
export function moreExact(status: string | null, diagnosis: string): string {
  const code = enhancedCodesIn(diagnosis).find((found) => !found.endsWith('.0.0'));
  return code ?? status ?? firstCodeIn(diagnosis);
}
