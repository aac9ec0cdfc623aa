import type { Attempt } from '../channels/notification-channel.js';
import type { SmtpPhase } from './smtp-dialogue.js';

const AUTHENTICATION_CODES = new Set([530, 534, 535, 538]);
const CHANNEL_ERRORS = new Set(['EAUTH', 'ENOAUTH', 'EOAUTH2', 'ETLS', 'ECONFIG']);
/** Enhanced codes (RFC 3463) for an address that does not exist, or no more. */
const GONE = new Set(['5.1.1', '5.1.2', '5.1.3', '5.1.6', '5.1.10', '5.2.1']);
const GONE_WITHOUT_ENHANCED_CODE = /^55[013]\b/;
const POLICY =
  /block|spam|polic|relay|denied|reputation|listed|dnsbl|rbl|authenticat|sender|prohibit|\bspf\b|dkim|dmarc|rcpthosts/i;
/** Said with 5xx by some all the same. */
const TEMPORARY = /too many|limit|quota|full|gr[ea]y-?list|try again|later|temporar/i;
const RATE = /\brate\b|too many|too fast|throttl|limit exceeded/i;

/** What is looked at of an error of nodemailer. */
interface MailError {
  code: string | null;
  smtpCode: number | null;
  enhancedCode: string | null;
  command: unknown;
  response: string;
}

/**
 * Classifies an error of nodemailer. Its `code` is EENVELOPE for 4xx and 5xx alike, so the reply code decides,
 * and without a reply the phase; a 5xx to our own greeting or sender is no fault of the recipient.
 */
export function classifyMailFault(error: unknown, phase: SmtpPhase): Attempt {
  const fault = toMailError(error);
  const outcome = outcomeOf(fault, phase);
  return {
    outcome,
    smtpCode: fault.smtpCode,
    enhancedCode: fault.enhancedCode,
    errorCode: fault.code,
    phase,
    ...(outcome === 'refused' && isAddressGone(fault) ? { addressIsGone: true } : {}),
  };
}

function outcomeOf(fault: MailError, phase: SmtpPhase): Attempt['outcome'] {
  const { code, smtpCode, command, enhancedCode } = fault;
  if (smtpCode !== null && AUTHENTICATION_CODES.has(smtpCode)) return 'channel_fault';
  if (code !== null && CHANNEL_ERRORS.has(code)) return 'channel_fault';
  if (phase === 'connect') return smtpCode === 421 ? 'rate_limited' : 'unreachable';
  if (smtpCode === null) {
    if (phase === 'data_sent') return 'unknown';
    return code === 'EENVELOPE' ? 'refused' : 'unreachable';
  }
  if (smtpCode < 500) return isRateLimit(fault) ? 'rate_limited' : 'deferred';
  return command === 'MAIL FROM' && enhancedCode !== '5.6.7' ? 'channel_fault' : 'refused';
}

/** "Slow down", to all of us. A full mailbox (452 4.2.2) and greylisting (450, 451) are about one recipient. */
function isRateLimit({ smtpCode, enhancedCode, response }: MailError): boolean {
  if (smtpCode === 421) return true;
  if (smtpCode === 452) return !enhancedCode?.startsWith('4.2.');
  return enhancedCode === '4.7.28' || (enhancedCode?.startsWith('4.7.') === true && RATE.test(response));
}

/**
 * Whether a refusal says that there is no such address, or no more. Postfix says `5.1.0` of a sender as well;
 * `5.4.1` is what Exchange Online says of a recipient it does not know; `5.4.4` is a domain without a mail server.
 * @param told the reply, from its code on
 */
export function isGone(enhancedCode: string | null, told: string): boolean {
  switch (enhancedCode) {
    case null:
    case '5.0.0':
      return GONE_WITHOUT_ENHANCED_CODE.test(told) && !POLICY.test(told) && !TEMPORARY.test(told);
    case '5.1.0':
      return !POLICY.test(told);
    case '5.4.1':
      return /recipient address rejected/i.test(told);
    case '5.4.4':
      return /not found|no such domain|does not exist/i.test(told);
    default:
      return GONE.has(enhancedCode);
  }
}

/** Without an enhanced code only a refusal of the recipient is about the recipient. */
function isAddressGone({ smtpCode, enhancedCode, command, response }: MailError): boolean {
  if (smtpCode === null || (enhancedCode === null && command !== 'RCPT TO')) return false;
  return isGone(enhancedCode, response);
}

function toMailError(error: unknown): MailError {
  const { code, responseCode, command, response } = error as Record<string, unknown>;
  const text = typeof response === 'string' ? response : '';
  return {
    code: typeof code === 'string' ? code : null,
    smtpCode: typeof responseCode === 'number' ? responseCode : null,
    enhancedCode: /^\d{3}[ -]([245]\.\d{1,3}\.\d{1,3})\b/.exec(text)?.[1] ?? null,
    command,
    response: text,
  };
}
