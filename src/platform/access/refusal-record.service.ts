import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { type RefusedRequests, RequestsRefused } from '../../events/access/requests-refused.event.js';
import { inTransaction } from '../database/transaction.js';
import { clientNetworkOf } from '../rate-limits/client-network.js';
import { Facts } from '../facts/facts.service.js';

/** A request that was refused. */
export type Refusal = Pick<RefusedRequests, 'route' | 'reason'> & {
  ip: string | undefined;
  caller?: RefusedRequests['caller'];
};

/** Refusals of one kind; times in milliseconds since the epoch. */
type Counted = Omit<RefusedRequests, 'firstAt' | 'lastAt'> & { firstAt: number; lastAt: number };

const RECORD_EVERY_MS = 60_000;
/** With more clients than this in one interval, refusals are recorded by route and reason only. */
const KINDS_MAX = 100;
const CLIENTS_MAX = 1000;

/**
 * Records refused requests every minute, each kind once with its count. So a refusal costs no database work,
 * and a flood of them costs few rows. If a process is killed, its unrecorded refusals are in the log and the
 * metrics.
 */
@Injectable()
export class RefusalRecord implements OnModuleDestroy {
  private readonly logger = new Logger('access');
  private kinds = new Map<string, Counted>();
  /** Finds the kind of another refusal at once, because a flood must cost very little. */
  private readonly clients = new Map<string, Counted>();
  private timer?: NodeJS.Timeout;

  constructor(
    private readonly facts: Facts,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  start(): void {
    this.timer = setInterval(() => void this.record(), RECORD_EVERY_MS);
  }

  async onModuleDestroy(): Promise<void> {
    if (!this.timer) return;
    clearInterval(this.timer);
    await this.record();
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

  /** Records the refusals counted so far. If the database is not available, they are kept. */
  async record(): Promise<void> {
    if (this.kinds.size === 0) return;
    const { kinds } = this;
    this.kinds = new Map();
    this.clients.clear();
    try {
      const fact = new RequestsRefused([...kinds.values()].map(toRefusedRequests));
      await inTransaction(this.dataSource, (manager) => this.facts.record(manager, fact));
    } catch (error) {
      this.logger.warn({ event: 'refused requests not recorded yet', kinds: kinds.size, error });
      for (const [name, counted] of kinds) this.putBack(name, counted);
    }
  }

  private kindOf({ route, reason, ip, caller = null }: Refusal): Counted {
    const client = { network: ip === undefined ? null : clientNetworkOf(ip), caller };
    const hasClient = this.kinds.size < KINDS_MAX || this.kinds.has(nameOf(route, reason, client));
    const recorded = hasClient ? client : SEVERAL;
    const name = nameOf(route, reason, recorded);
    const now = Date.now();
    const counted = this.kinds.get(name) ?? {
      route,
      reason,
      ...recorded,
      count: 0,
      firstAt: now,
      lastAt: now,
    };
    this.kinds.set(name, counted);
    return counted;
  }

  private putBack(name: string, counted: Counted): void {
    const since = this.kinds.get(name);
    if (!since) this.kinds.set(name, counted);
    else Object.assign(since, { count: since.count + counted.count, firstAt: counted.firstAt });
  }
}

type Client = Pick<RefusedRequests, 'network' | 'caller'>;

const SEVERAL: Client = { network: null, caller: null };

function nameOf(route: string, reason: string, { network, caller }: Client): string {
  return JSON.stringify([route, reason, network, caller?.id]);
}

function toRefusedRequests({ firstAt, lastAt, ...refused }: Counted): RefusedRequests {
  return {
    ...refused,
    firstAt: new Date(firstAt).toISOString(),
    lastAt: new Date(lastAt).toISOString(),
  };
}
