import type { Step } from '../faults/fault-point.js';
import { firstParameter, readText, type WireMessage } from './postgres-messages.js';

/** A statement that is being carried out. */
export interface Running {
  step: Step | null;
  /** Whether a COMMIT of its own is to come. Else what it did is committed by the Sync. */
  isInTransaction: boolean;
}

/** What a batch of messages ends with: PostgreSQL answers it with ReadyForQuery. */
const SYNC = 'sync';

/**
 * One session between a process and PostgreSQL, as its messages tell: which step of ours each statement is,
 * and which of them have been carried out. Statements come in batches with one Sync, so the replies are
 * matched to the statements in order; after an error PostgreSQL skips to the Sync.
 */
export class Conversation {
  /** The name under which this session's worker locks jobs, if it is one that heartbeats. */
  workerId?: string;
  private readonly prepared = new Map<string, string>();
  private readonly running: (Running | typeof SYNC)[] = [];
  private bound = '';
  private isInTransaction = false;
  private isMarking = false;

  /** Takes note of a message from the process. @returns the statement that it starts, if any */
  said({ type, body }: WireMessage): Running | null {
    if (type === 'P') {
      const name = readText(body);
      this.prepared.set(name.text, readText(body, name.end).text);
    } else if (type === 'B') {
      const portal = readText(body);
      this.bound = this.prepared.get(readText(body, portal.end).text) ?? '';
      if (IS_HEARTBEAT.test(this.bound)) this.workerId = firstParameter(body) ?? undefined;
    } else if (type === 'E') {
      return this.start(this.bound);
    } else if (type === 'Q') {
      const started = this.start(readText(body).text);
      this.running.push(SYNC);
      return started;
    } else if (type === 'S') {
      this.running.push(SYNC);
    }
    return null;
  }

  /** Takes note of a message from PostgreSQL. @returns the statement that it ends, with its tag, if any */
  heard({ type, body }: WireMessage): { ended: Running; tag: string } | null {
    if (type === 'Z') {
      while (this.running.length > 0 && this.running.shift() !== SYNC);
      return null;
    }
    if (type !== 'C' && type !== 'I' && type !== 's') return null;
    const [first] = this.running;
    if (!first || first === SYNC) return null;
    this.running.shift();
    return { ended: first, tag: type === 'C' ? readText(body).text : '' };
  }

  private start(sql: string): Running {
    const wasInTransaction = this.isInTransaction;
    const step = this.stepOf(sql);
    const running = { step, isInTransaction: wasInTransaction || this.isInTransaction };
    this.running.push(running);
    return running;
  }

  private stepOf(sql: string): Step | null {
    if (/^\s*(start transaction|begin)\b/i.test(sql)) {
      this.isInTransaction = true;
      return 'begin';
    }
    if (/^\s*(commit|rollback)\b/i.test(sql)) {
      const step = this.isMarking ? 'mark commit' : 'commit';
      this.isInTransaction = this.isMarking = false;
      return /commit/i.test(sql) ? step : null;
    }
    if (/graphile_worker"?\._private_jobs/.test(sql)) {
      if (/^\s*delete from/.test(sql)) return 'job done';
      return /skip locked/.test(sql) ? 'claim' : null;
    }
    return this.isInTransaction ? this.writeOf(sql) : null;
  }

  /** Outside of a transaction the same statements are only prepared, with no rows. */
  private writeOf(sql: string): Step | null {
    if (/graphile_worker\.add_jobs/.test(sql)) return 'add jobs';
    if (/^\s*update notifications\b.*?\bset status = 'sent'/s.test(sql)) {
      this.isMarking = true;
      return 'mark';
    }
    const table = /^insert into "(\w+)"/.exec(sql)?.[1];
    return table ? `insert ${table}` : null;
  }
}

const IS_HEARTBEAT = /insert into job_workers/;
