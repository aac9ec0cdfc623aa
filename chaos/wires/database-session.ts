import type { Socket } from 'node:net';
import type { Step } from '../faults/fault-point.js';
import type { Trap } from '../faults/trap.js';
import { Conversation, type Running } from './conversation.js';
import { FLUSH, MessageReader } from './postgres-messages.js';

/**
 * One connection of a process to PostgreSQL. Lets everything through until the trap is sprung, then nothing.
 * `before` a step: its statement is held back. `after`: when PostgreSQL says that the step is done, that is
 * held back. Within a transaction it is made to say so at once, and the statements that follow wait: they
 * come in one batch, which has one answer at its end.
 */
export class DatabaseSession {
  private readonly conversation = new Conversation();
  private readonly spoken = new MessageReader(true);
  private readonly answered = new MessageReader(false);
  /** The statement whose end is waited for, and what the process says meanwhile, if that must wait. */
  private expected?: { statement: Running; withheld: Buffer[] | null };
  private isHeld = false;

  constructor(
    private readonly client: Socket,
    private readonly target: Socket,
    private readonly trap: Trap,
  ) {}

  /** The name under which this session's worker locks jobs, if it has told. */
  get workerId(): string | undefined {
    return this.conversation.workerId;
  }

  fromProcess(bytes: Buffer): void {
    const passing: Buffer[] = [];
    for (const { message, bytes: raw } of this.spoken.read(bytes)) {
      if (this.isHeld) break;
      const started = this.conversation.said(message);
      if (started?.step && this.trap.isAt(started.step, 'before')) {
        this.hold();
        break;
      }
      (this.expected?.withheld ?? passing).push(raw);
      if (started?.step && !this.expected && this.trap.isAt(started.step, 'after')) {
        this.expected = { statement: started, withheld: started.isInTransaction ? [] : null };
        if (started.isInTransaction) passing.push(FLUSH);
      }
    }
    if (passing.length > 0) this.target.write(Buffer.concat(passing));
  }

  /** @returns the steps that have been carried out and told */
  fromDatabase(bytes: Buffer): Step[] {
    const done: Step[] = [];
    const passing: Buffer[] = [];
    for (const { message, bytes: raw } of this.answered.read(bytes)) {
      if (this.isHeld) break;
      const end = this.conversation.heard(message);
      const hasEffect = end !== null && !end.tag.endsWith(' 0');
      const isExpected = end !== null && end.ended === this.expected?.statement;
      if (isExpected && hasEffect) {
        this.hold();
        break;
      }
      passing.push(raw);
      if (isExpected || message.type === 'E') this.goOn();
      if (end?.ended.step && hasEffect) done.push(end.ended.step);
    }
    if (passing.length > 0) this.client.write(Buffer.concat(passing));
    return done;
  }

  private hold(): void {
    this.isHeld = true;
    this.trap.spring();
  }

  /** The statement had no effect, or will have none: the trap waits for another one. */
  private goOn(): void {
    const withheld = this.expected?.withheld ?? [];
    if (withheld.length > 0) this.target.write(Buffer.concat(withheld));
    this.expected = undefined;
  }
}
