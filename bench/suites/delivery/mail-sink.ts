import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { findFreePort } from '../../../src/platform/development/free-port.js';
import type { AcceptedMail } from '../../servers/smtp-sink.js';

const STALLED_MS = 60_000;

/** A mail server in another process. It can be taken down for a while. */
export class MailSink {
  /** All accepted messages, oldest first. */
  readonly accepted: AcceptedMail[] = [];
  private child?: ChildProcess;

  private constructor(readonly port: number) {}

  static async start(): Promise<MailSink> {
    const sink = new MailSink(await findFreePort());
    await sink.comeBack();
    return sink;
  }

  async comeBack(): Promise<void> {
    const server = new URL('../../servers/smtp-sink.ts', import.meta.url);
    this.child = fork(server, [String(this.port)], { execArgv: ['--import', 'tsx'] });
    await once(this.child, 'message');
    this.child.on('message', (mail: AcceptedMail) => this.accepted.push(mail));
  }

  /** Refuses connections from now on. */
  async goAway(): Promise<void> {
    const child = this.child;
    this.child = undefined;
    if (!child) return;
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await exit;
  }

  /** Waits until `count` mails have arrived. @throws when no more arrive */
  async until(count: number): Promise<void> {
    let seen = -1;
    for (let since = Date.now(); this.accepted.length < count; await sleep(20)) {
      if (this.accepted.length > seen) since = Date.now();
      seen = this.accepted.length;
      if (Date.now() - since > STALLED_MS)
        throw new Error(`${seen} of ${count} mails arrived, and no more since`);
    }
  }

  /** Mails per second from the n-th mail on. */
  rateSince(first: number): number {
    const mails = this.accepted.slice(first);
    const seconds = ((mails.at(-1)?.at ?? 0) - (mails[0]?.at ?? 0)) / 1000;
    return (mails.length - 1) / seconds;
  }
}
