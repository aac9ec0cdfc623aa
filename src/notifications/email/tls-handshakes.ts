/** The fields used of an entry in the log of nodemailer. */
export interface LogEntry {
  /** The id of the session. */
  sid?: string;
  tnx?: string;
  /** Set in the entry about an error; the same object is thrown. */
  err?: { code?: string; originalCode?: string; syscall?: string };
}

/**
 * Follows the sessions in the log of nodemailer, and gives errors during a TLS handshake the code `ETLS`. By
 * itself nodemailer reports a reset as `ESOCKET` and silence as `ETIMEDOUT`, at every step of a session.
 */
export class TlsHandshakes {
  /** Sessions with a connection, and whether a handshake has begun that has not ended. */
  private readonly sessions = new Map<string, boolean>();

  /** @param line the text of the entry: a command of the client, for example */
  follow({ sid, tnx, err }: LogEntry, line: unknown): void {
    if (sid === undefined) return;
    if (err) return this.judge(sid, err);
    const text = typeof line === 'string' ? line : '';
    if (tnx === 'client') this.sessions.set(sid, text === 'STARTTLS');
    if (tnx === 'network' && ESTABLISHED.test(text)) this.sessions.set(sid, false);
    // An end during a handshake is logged before its error.
    if (CLOSED.test(text) && !this.sessions.get(sid)) this.sessions.delete(sid);
    if (CLOSING.test(text)) this.sessions.delete(sid);
  }

  /** A connection that is read before it is established has begun with TLS from the first byte. */
  private judge(sid: string, error: NonNullable<LogEntry['err']>): void {
    const isInHandshake = this.sessions.get(sid) ?? error.syscall === 'read';
    if (!isInHandshake || error.code === 'ETLS') return;
    error.originalCode ??= error.code;
    error.code = 'ETLS';
  }
}

const ESTABLISHED = /^%s established/;
const CLOSED = /^Connection closed/;
const CLOSING = /^Closing connection/;
