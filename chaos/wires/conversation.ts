import type { Step } from '../faults/fault-point.js';
import { firstParameter, readText, type WireMessage } from './postgres-messages.js';

/** A statement that PostgreSQL is executing. */
export interface Running {
  step: Step | null;
  /** Whether it runs in a transaction with its own COMMIT. Otherwise the Sync commits it. */
  isInTransaction: boolean;
}

/** Ends a batch of messages: PostgreSQL answers it with ReadyForQuery. */
const SYNC = 'sync';

/**
 * One session between a process and PostgreSQL, followed by its messages: which of our steps each statement
 * is, and which of them are done. Statements come in batches with one Sync, so replies are matched to
 * statements in order; after an error PostgreSQL skips to the Sync.
 */
export class Conversation {
  /**
   * The name under which this session's worker locks jobs; only known for a session that sends heartbeats.
   */
  workerId?: string;
  private readonly prepared = new Map<string, string>();
  private readonly running: (Running | typeof SYNC)[] = [];
  private bound = '';
  private copying: Running | null = null;
  private isInTransaction = false;
  private isMarking = false;

  /**
   * Follows a message from the process.
   * @returns the statement that it starts, and the one that it completes
   */
  sent({ type, body }: WireMessage): { started: Running | null; complete: Running | null } {
    if (type === 'P') {
      const name = readText(body);
      this.prepared.set(name.text, readText(body, name.end).text);
    } else if (type === 'B') {
      const portal = readText(body);
      this.bound = this.prepared.get(readText(body, portal.end).text) ?? '';
      if (IS_HEARTBEAT.test(this.bound)) this.workerId = firstParameter(body) ?? undefined;
    } else if (type === 'E') {
      const started = this.start(this.bound);
      // The rows of a COPY follow it.
      if (IS_COPY.test(this.bound)) this.copying = started;
      return { started, complete: this.copying ? null : started };
    } else if (type === 'c' || type === 'f') {
      const complete = this.copying;
      this.copying = null;
      return { started: null, complete };
    } else if (type === 'Q') {
      const started = this.start(readText(body).text);
      this.running.push(SYNC);
      return { started, complete: started };
    } else if (type === 'S') {
      this.running.push(SYNC);
    }
    return { started: null, complete: null };
  }

  /** Follows a message from PostgreSQL. @returns the statement that it ends, with its tag, if any */
  received({ type, body }: WireMessage): { ended: Running; tag: string } | null {
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
    if (/^\s*with due as materialized .* update deliveries/s.test(sql)) return 'claim deliveries';
    return this.isInTransaction ? this.writeOf(sql) : null;
  }

  private writeOf(sql: string): Step | null {
    if (/graphile_worker\.add_jobs/.test(sql)) return 'add jobs';
    if (/^\s*update notifications\b.*?\bset status = 'sent'/s.test(sql)) {
      this.isMarking = true;
      return 'mark';
    }
    if (/^\s*with evaluation as/.test(sql)) return 'update customer_segments';
    if (/segment_members/.test(sql)) return 'update segment_members';
    const [, verb, table] = /^\s*(?:with updated as \()?(insert into|copy|update) "?(\w+)/.exec(sql) ?? [];
    if (!table) return null;
    return verb === 'update' ? `update ${table}` : `insert ${table}`;
  }
}

const IS_HEARTBEAT = /insert into job_workers/;
const IS_COPY = /^copy .* from stdin/;
