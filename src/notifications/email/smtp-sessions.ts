import { Logger } from '@nestjs/common';
import type { MailSettings } from './mail.settings.js';
import { endsSessionAlone } from './mail-fault.js';
import type { MailTransport } from './mail-transport.js';
import { SmtpDialogue } from './smtp-dialogue.js';
import { isTlsFault } from './tls-fault.js';

/** How long sessions begin without TLS after opportunistic TLS has failed. */
const WITHOUT_TLS_MS = 600_000;

/** The parts used of nodemailer's pool. It has no public way to end one session. */
interface Pool {
  options: { ignoreTLS?: boolean };
  _connections: { queueEntry: unknown; close: () => void }[];
}

/**
 * Chooses the session for a mail: another one if the server ends the one in use, and one without TLS if
 * opportunistic TLS fails (RFC 7435, section 3).
 */
export class SmtpSessions {
  private readonly logger = new Logger('mail');
  private readonly mayLeaveTls: boolean;
  private withoutTlsUntil = 0;

  constructor(
    private readonly settings: MailSettings,
    private readonly transport: MailTransport,
  ) {
    this.mayLeaveTls = settings.tls === 'opportunistic' && !settings.username;
  }

  /**
   * Repeats an attempt while only its session fails: at most once for each session of the pool, and once
   * without TLS.
   * @throws the error of the last attempt
   */
  async over<T>(attempt: () => Promise<T>, dialogue = new SmtpDialogue()): Promise<T> {
    for (let left = this.settings.maxConnections; ; left -= 1) {
      this.pool.options.ignoreTLS = Date.now() < this.withoutTlsUntil;
      try {
        return await attempt();
      } catch (error) {
        if (left === 0 || !this.isWorthAnother(error, dialogue)) throw error;
        dialogue.restart();
      }
    }
  }

  private isWorthAnother(error: unknown, { phase }: SmtpDialogue): boolean {
    if (endsSessionAlone(error, phase)) {
      this.endIdleSessions();
      return true;
    }
    if (!this.mayLeaveTls || phase !== 'connect' || !isTlsFault(error)) return false;
    this.withoutTlsUntil = Date.now() + WITHOUT_TLS_MS;
    this.logger.warn({
      event: 'mail sent without TLS',
      host: this.settings.host,
      until: new Date(this.withoutTlsUntil),
    });
    return true;
  }

  /** Ends the idle sessions: they have sent about as many messages as the one that the server ended. */
  private endIdleSessions(): void {
    // oxlint-disable-next-line eslint/no-underscore-dangle -- nodemailer names it so
    const idle = this.pool._connections.filter(({ queueEntry }) => !queueEntry);
    for (const session of idle) session.close();
  }

  private get pool(): Pool {
    return this.transport.transporter as unknown as Pool;
  }
}
