import type { Attempt } from '../channels/notification-channel.js';
import { judgeAddress } from '../evidence/address-verdict.js';
import type { RefusedAt } from '../evidence/refusal.js';
import { ENDS_FOR_ITSELF, isAboutUs, type Subject, subjectOfReply } from '../evidence/replies-about-us.js';
import type { AttemptPhase } from '../notification-attempt.entity.js';
import { isTlsFault } from './tls-fault.js';

const AUTHENTICATION_CODES = new Set([530, 534, 535, 538]);
const LOGIN_ERRORS = new Set(['EAUTH', 'ENOAUTH', 'EOAUTH2']);
const CHANNEL_ERRORS = new Set([...LOGIN_ERRORS, 'ETLS', 'ECONFIG']);
const REFUSED_AT: Readonly<Record<string, RefusedAt>> = { 'MAIL FROM': 'sender', 'RCPT TO': 'recipient' };
const RATE = /\brate\b|too many|too fast|throttl|limit exceeded/i;

/** The fields used of an error of nodemailer. */
interface MailError {
  code: string | null;
  smtpCode: number | null;
  enhancedCode: string | null;
  command: unknown;
  response: string;
}

/**
 * Classifies an error of nodemailer. Its `code` is EENVELOPE for 4xx and 5xx alike, so the reply code
 * decides. Without a reply, the phase decides. A 5xx to our greeting or sender, or one that is about us
 * (`replies-about-us.ts`), is not a fault of the message.
 */
export function classifyMailFault(error: unknown, phase: AttemptPhase): Attempt {
  const fault = toMailError(error);
  const subject = subjectOf(fault);
  const outcome = outcomeOf(fault, subject, phase);
  return {
    outcome,
    smtpCode: fault.smtpCode,
    enhancedCode: fault.enhancedCode,
    errorCode: fault.code,
    phase,
    ...(outcome === 'refused' ? verdictOf(fault) : {}),
    ...(outcome === 'channel_fault' ? { reason: reasonOf(fault, subject) } : {}),
    ...(outcome === 'channel_fault' && isRecipientNamed(fault) ? { recipientWasNamed: true } : {}),
  };
}

/**
 * Whether a reply ends only the session, so that a new session may send the message at once. A server that
 * refuses the session itself is not contacted again at once.
 */
export function endsSessionAlone(error: unknown, phase: AttemptPhase): boolean {
  return phase !== 'connect' && subjectOf(toMailError(error)) === 'session';
}

function subjectOf({ smtpCode, enhancedCode, response }: MailError): Subject | null {
  return smtpCode === null ? null : subjectOfReply({ smtpCode, enhancedCode, text: response });
}

/** A word for the problem of the channel. A server that requires TLS before a login replies with 530 or 538. */
function reasonOf({ code, smtpCode, response }: MailError, subject: Subject | null): string | undefined {
  const wantsTls = (smtpCode === 530 || smtpCode === 538) && /starttls|\btls\b|encryption/i.test(response);
  if (code === 'ETLS' || wantsTls) return 'tls';
  if (smtpCode !== null && AUTHENTICATION_CODES.has(smtpCode)) return undefined;
  if (code !== null && CHANNEL_ERRORS.has(code)) return smtpCode === null ? undefined : 'login';
  return isAboutUs(subject) ? subject : 'sender';
}

function isRecipientNamed({ command }: MailError): boolean {
  return command === 'RCPT TO' || command === 'DATA';
}

function outcomeOf(fault: MailError, subject: Subject | null, phase: AttemptPhase): Attempt['outcome'] {
  const { code, smtpCode, command } = fault;
  if (smtpCode !== null && AUTHENTICATION_CODES.has(smtpCode)) return 'channel_fault';
  if (code !== null && CHANNEL_ERRORS.has(code)) return 'channel_fault';
  if (phase === 'connect')
    return isRateLimit(fault, subject) && smtpCode === 421 ? 'rate_limited' : 'unreachable';
  if (smtpCode === null) {
    if (phase === 'data_sent') return 'unknown';
    return code === 'EENVELOPE' ? 'refused' : 'unreachable';
  }
  if (smtpCode < 500) {
    const isOurLimit = subject === 'quota' || subject === 'account';
    return isOurLimit || isRateLimit(fault, subject) ? 'rate_limited' : 'deferred';
  }
  if (command === 'MAIL FROM') return subject === 'message' ? 'refused' : 'channel_fault';
  return isAboutUs(subject) ? 'channel_fault' : 'refused';
}

/**
 * Whether the server limits our rate for all recipients. A full mailbox (452 4.2.2) and greylisting (450,
 * 451) concern one recipient. A restart of the server concerns none.
 */
function isRateLimit({ smtpCode, enhancedCode, response }: MailError, subject: Subject | null): boolean {
  if (subject === 'session' && ENDS_FOR_ITSELF.test(response)) return false;
  if (smtpCode === 421) return true;
  if (smtpCode === 452) return subject !== 'recipient' && !enhancedCode?.startsWith('4.2.');
  return enhancedCode === '4.7.28' || (enhancedCode?.startsWith('4.7.') === true && RATE.test(response));
}

/** What a refusal says about the address. Without a reply it says nothing: then no server accepts the address. */
function verdictOf({ smtpCode, command, response }: MailError): Pick<Attempt, 'verdict'> {
  if (smtpCode === null) return {};
  const refusedAt = REFUSED_AT[String(command)] ?? 'data';
  return { verdict: judgeAddress({ status: null, words: response, refusedAt }) };
}

function toMailError(error: unknown): MailError {
  const { code, responseCode, command, response } = error as Record<string, unknown>;
  const text = typeof response === 'string' ? response : '';
  const named = isTlsFault(error) ? 'ETLS' : code;
  return {
    code: typeof named === 'string' ? named : null,
    smtpCode: typeof responseCode === 'number' ? responseCode : null,
    enhancedCode: /^\d{3}[ -]([245]\.\d{1,3}\.\d{1,3})\b/.exec(text)?.[1] ?? null,
    command,
    response: text,
  };
}
