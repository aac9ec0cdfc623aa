import type { Transporter } from 'nodemailer';
import type SMTPPool from 'nodemailer/lib/smtp-pool/index.js';

/** nodemailer's transport with its pool of SMTP connections. */
export type MailTransport = Transporter<SMTPPool.SentMessageInfo, SMTPPool.Options>;

/** Injection token of the only `MailTransport`. */
export const MAIL_TRANSPORT = Symbol('mail transport');
