import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { type RefusedRequests, RequestsRefused } from '../../events/access/requests-refused.event.js';
import { inTransaction } from '../database/transaction.js';
import { clientNetworkOf } from '../rate-limits/client-network.js';
import { FactRecorder } from '../unit-of-work/fact-recorder.service.js';

/** A request that was refused. */
export type Refusal = Pick<RefusedRequests, 'route' | 'reason'> & {
  ip: string | undefined;
  caller?: RefusedRequests['caller'];
};

/** Refusals of one kind; times in milliseconds since the epoch. */
type Counted = Omit<RefusedRequests, 'firstAt' | 'lastAt'> & { firstAt: number; lastAt: number };

const TELL_EVERY_MS = 60_000;
/** More clients than that in such a time are a flood: then only routes and reasons are told apart. */
const KINDS_MAX = 100;
const CLIENTS_MAX = 1000;

/**
 * Tells of refused requests every minute, each kind once with its count: a refusal costs no work of the
 * database, and a flood of them few rows. What a process that is killed had not told is in the log and the metrics.
 */
@Injectable()
export class RefusalRecord implements OnModuleDestroy {
  private readonly logger = new Logger('access');
  private kinds = new Map<string, Counted>();
  /** To find the kind of one more at once: a flood must cost next to nothing. */
  private readonly clients = new Map<string, Counted>();
  private timer?: NodeJS.Timeout;

  constructor(
    private readonly recorder: FactRecorder,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  start(): void {
    this.timer = setInterval(() => void this.tell(), TELL_EVERY_MS);
  }

  async onModuleDestroy(): Promise<void> {
    if (!this.timer) return;
    clearInterval(this.timer);
    await this.tell();
  }

  note(refusal: Refusal): void {
    const { route, reason, ip, caller } = refusal;
    const client = `${route} ${reason} ${ip} ${caller?.id}`;
    let counted = this.clients.get(client);
    if (!counted) {
      counted = this.kindOf(refusal);
      if (this.clients.size >= CLIENTS_MAX) this.clients.clear();
      this.clients.set(client, counted);
    }
    counted.count += 1;
    counted.lastAt = Date.now();
  }

  /** Tells what has been noted so far. While the database is away it is kept. */
  async tell(): Promise<void> {
    if (this.kinds.size === 0) return;
    const { kinds } = this;
    this.kinds = new Map();
    this.clients.clear();
    try {
      const fact = new RequestsRefused([...kinds.values()].map(toRefusedRequests));
      await inTransaction(this.dataSource, (manager) => this.recorder.record(manager, fact));
    } catch (error) {
      this.logger.warn({ event: 'refused requests not recorded yet', kinds: kinds.size, error });
      for (const [name, counted] of kinds) this.putBack(name, counted);
    }
  }

  private kindOf({ route, reason, ip, caller = null }: Refusal): Counted {
    const network = ip === undefined ? null : clientNetworkOf(ip);
    const name = JSON.stringify([route, reason, network, caller?.id]);
    const isToldApart = this.kinds.has(name) || this.kinds.size < KINDS_MAX;
    const told = isToldApart
      ? { name, network, caller }
      : { name: JSON.stringify([route, reason]), network: null, caller: null };
    const known = this.kinds.get(told.name);
    if (known) return known;
    const now = Date.now();
    const { name: kind, ...client } = told;
    const counted = { route, reason, ...client, count: 0, firstAt: now, lastAt: now };
    this.kinds.set(kind, counted);
    return counted;
  }

  private putBack(name: string, counted: Counted): void {
    const since = this.kinds.get(name);
    if (!since) this.kinds.set(name, counted);
    else Object.assign(since, { count: since.count + counted.count, firstAt: counted.firstAt });
  }
}

function toRefusedRequests({ firstAt, lastAt, ...refused }: Counted): RefusedRequests {
  return {
    ...refused,
    firstAt: new Date(firstAt).toISOString(),
    lastAt: new Date(lastAt).toISOString(),
  };
}
