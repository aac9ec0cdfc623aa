import { Injectable } from '@nestjs/common';

/**
 * What the mail server says it can, overheard as nodemailer's logger: it keeps the answer to EHLO to itself.
 * Give it as `logger`, with `transactionLog`.
 */
@Injectable()
export class SmtpOffers {
  /** Undefined before the first session. */
  smtpUtf8: boolean | undefined;

  readonly debug = ({ tnx }: { tnx?: string } = {}, line?: unknown): void => {
    if (tnx !== 'server' || typeof line !== 'string' || !IS_EHLO_ANSWER.test(line)) return;
    this.smtpUtf8 = /^250[ -]SMTPUTF8\b/im.test(line);
  };
  readonly trace = ignore;
  readonly info = ignore;
  readonly warn = ignore;
  readonly error = ignore;
  readonly fatal = ignore;
}

/** Of several lines, all with 250: no other command is answered so. */
const IS_EHLO_ANSWER = /^250-/;

function ignore(): void {}
