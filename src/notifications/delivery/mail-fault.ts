import type { AttemptOutcome } from '../notification-attempt.entity.js';

/** What a failed hand-over means: try later, never again, or mend the channel first. */
export interface MailFault {
  outcome: Exclude<AttemptOutcome, 'accepted' | 'render_failed'>;
  smtpCode: number | null;
  errorCode: string | null;
}

const AUTHENTICATION_CODES = new Set([530, 534, 535, 538]);
const CHANNEL_ERRORS = new Set(['EAUTH', 'ENOAUTH', 'EOAUTH2', 'ETLS', 'ECONFIG']);

/**
 * Classifies an error of nodemailer. Its `code` is EENVELOPE for 4xx and 5xx alike, so the reply code
 * decides; a 5xx to our own greeting or sender is no fault of the recipient.
 */
export function classifyMailFault(error: unknown): MailFault {
  const { code, responseCode, command } = error as {
    code?: unknown;
    responseCode?: unknown;
    command?: unknown;
  };
  const smtpCode = typeof responseCode === 'number' ? responseCode : null;
  const errorCode = typeof code === 'string' ? code : null;
  return { outcome: outcomeOf(smtpCode, errorCode, command), smtpCode, errorCode };
}

function outcomeOf(
  smtpCode: number | null,
  errorCode: string | null,
  command: unknown,
): MailFault['outcome'] {
  if (smtpCode !== null && AUTHENTICATION_CODES.has(smtpCode)) return 'channel_fault';
  if (errorCode !== null && CHANNEL_ERRORS.has(errorCode)) return 'channel_fault';
  if (smtpCode === null || smtpCode < 500) return 'deferred';
  if (command === 'CONN' || command === 'EHLO') return 'deferred';
  return command === 'MAIL FROM' ? 'channel_fault' : 'refused';
}
