import type { Socket } from 'node:net';
import type { Step } from '../faults/fault-point.js';
import type { Trap } from '../faults/trap.js';
import { Conversation, type Running } from './conversation.js';
import { FLUSH, MessageReader } from './postgres-messages.js';

/**
 * One connection of a process to PostgreSQL. It passes everything on until the trap is sprung, then nothing.
 * `before` a step: its statement is held back. `after` a step: PostgreSQL's answer to the step is held back.
 * Within a transaction PostgreSQL is made to answer the step at once, and the statements that follow are
 * held, because they come in one batch with one answer at its end.
 */
export class DatabaseSession {
  private readonly conversation = new Conversation();
  private readonly spoken = new MessageReader(true);
  private readonly answered = new MessageReader(false);
  /** The statement whose end is awaited, and the messages of the process that are held until then. */
  private expected?: { statement: Running; withheld: Buffer[] | null };
  private isHeld = false;

  constructor(
    private readonly client: Socket,
    private readonly target: Socket,
    private readonly trap: Trap,
  ) {}

  /** The name under which this session's worker locks jobs, if it is known. */
  get workerId(): string | undefined {
    return this.conversation.workerId;
  }

  fromProcess(bytes: Buffer): void {
    const passing: Buffer[] = [];
    for (const { message, bytes: raw } of this.spoken.read(bytes)) {
      if (this.isHeld) break;
      const { started, complete } = this.conversation.sent(message);
      if (started?.step && this.trap.isAt(started.step, 'before')) {
        this.hold();
        break;
      }
      (this.expected?.withheld ?? passing).push(raw);
      if (complete?.step && !this.expected && this.trap.isAt(complete.step, 'after')) {
        this.expected = { statement: complete, withheld: complete.isInTransaction ? [] : null };
        if (complete.isInTransaction) passing.push(FLUSH);
      }
    }
    if (passing.length > 0) this.target.write(Buffer.concat(passing));
  }

  /** @returns the steps that were executed and answered */
  fromDatabase(bytes: Buffer): Step[] {
    const done: Step[] = [];
    const passing: Buffer[] = [];
    for (const { message, bytes: raw } of this.answered.read(bytes)) {
      if (this.isHeld) break;
      const end = this.conversation.received(message);
      const hasEffect = end !== null && !end.tag.endsWith(' 0');
      const isExpected = end !== null && end.ended === this.expected?.statement;
      if (isExpected && hasEffect) {
        this.hold();
        break;
      }
      passing.push(raw);
      if (isExpected || message.type === 'E') this.resume();
      if (end?.ended.step && hasEffect) done.push(end.ended.step);
    }
    if (passing.length > 0) this.client.write(Buffer.concat(passing));
    return done;
  }

  private hold(): void {
    this.isHeld = true;
    this.trap.spring();
  }

  /** The statement has or will have no effect: the trap waits for another one. */
  private resume(): void {
    const withheld = this.expected?.withheld ?? [];
    if (withheld.length > 0) this.target.write(Buffer.concat(withheld));
    this.expected = undefined;
  }
}
