import { judgeAddress } from '../../evidence/address-verdict.js';
import { moreExact, type ReportedRecipient } from './reported-recipient.js';

/** The fields used of a bounce of Amazon SES (developer guide, "Amazon SNS notification contents"). */
interface SesBounce {
  bouncedRecipients?: {
    emailAddress?: unknown;
    action?: unknown;
    status?: unknown;
    diagnosticCode?: unknown;
  }[];
}

/**
 * Reads a notification of Amazon SES that a topic has sent by mail: JSON, within the topic's own JSON or
 * bare.
 * @returns null if the text is not about a bounce
 */
export function readSesNotification(text: string): ReportedRecipient[] | null {
  if (!/^\s*\{.{0,2000}notificationType/s.test(text)) return null;
  const notification = parse(text.replace(/\n--\n.*$/s, '').replaceAll('\n', ' '));
  const message = typeof notification?.Message === 'string' ? parse(notification.Message) : notification;
  if (message?.notificationType !== 'Bounce') return null;
  const { bouncedRecipients } = (message.bounce ?? {}) as SesBounce;
  if (!Array.isArray(bouncedRecipients) || bouncedRecipients.length === 0) return null;
  return bouncedRecipients.map(({ emailAddress, action, status, diagnosticCode }) => {
    const words = String(diagnosticCode ?? '').replace(/^[\w-]+ *; */, '');
    const code = typeof status === 'string' ? status : null;
    return {
      action: String(action ?? 'failed'),
      code: moreExact(code, words),
      verdict: judgeAddress({ status: code, words, refusedAt: null }),
      addresses: typeof emailAddress === 'string' ? [emailAddress] : [],
    };
  });
}

function parse(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' ? (value as Record<string, unknown> | null) : null;
  } catch {
    return null;
  }
}
