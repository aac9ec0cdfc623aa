import { Injectable } from '@nestjs/common';
import { type LogEntry, TlsHandshakes } from './tls-handshakes.js';

/**
 * Reads the extensions that the mail server offers, and which errors happen in TLS handshakes. nodemailer does
 * not expose either, so this class is used as its `logger`, with `transactionLog`.
 */
@Injectable()
export class SmtpOffers {
  /** Undefined before the first session. */
  smtpUtf8: boolean | undefined;

  private readonly handshakes = new TlsHandshakes();

  readonly info = (entry: LogEntry = {}, line?: unknown): void => this.handshakes.follow(entry, line);
  readonly warn = this.info;
  readonly error = this.info;
  readonly debug = (entry: LogEntry = {}, line?: unknown): void => {
    this.handshakes.follow(entry, line);
    const { tnx } = entry;
    if (tnx !== 'server' || typeof line !== 'string' || !IS_EHLO_ANSWER.test(line)) return;
    this.smtpUtf8 = /^250[ -]SMTPUTF8\b/im.test(line);
  };
  readonly trace = ignore;
  readonly fatal = ignore;
}

/** The answer has several lines, all with 250. No other command gets such an answer. */
const IS_EHLO_ANSWER = /^250-/;

function ignore(): void {}
