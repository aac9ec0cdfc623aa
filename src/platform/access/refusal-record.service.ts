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

const TELL_EVERY_MS = 10_000;
/** More clients than that in such a time are a flood: then only routes and reasons are told apart. */
const KINDS_MAX = 200;

/**
 * Tells of refused requests every ten seconds, each kind once with its count: a refusal costs no work of the
 * database, and a flood of them few rows. What a process that is killed had not told is in the log and the metrics.
 */
@Injectable()
export class RefusalRecord implements OnModuleDestroy {
  private readonly logger = new Logger('access');
  private refused = new Map<string, RefusedRequests>();
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

  note({ route, reason, ip, caller = null }: Refusal): void {
    const now = new Date().toISOString();
    const network = ip === undefined ? null : clientNetworkOf(ip);
    this.add({ route, reason, network, caller, count: 1, firstAt: now, lastAt: now });
  }

  /** Tells what has been noted so far. While the database is away it is kept. */
  async tell(): Promise<void> {
    if (this.refused.size === 0) return;
    const refusals = [...this.refused.values()];
    this.refused = new Map();
    try {
      const fact = new RequestsRefused(refusals);
      await inTransaction(this.dataSource, (manager) => this.recorder.record(manager, fact));
    } catch (error) {
      this.logger.warn({ event: 'refused requests not recorded yet', kinds: refusals.length, error });
      for (const refusal of refusals) this.add(refusal);
    }
  }

  private add(refusal: RefusedRequests): void {
    const told = this.known(refusal) || this.refused.size < KINDS_MAX ? refusal : withoutClient(refusal);
    const known = this.known(told) ?? { ...told, count: 0 };
    const [firstAt] = [known.firstAt, told.firstAt].toSorted() as [string];
    const [lastAt] = [known.lastAt, told.lastAt].toSorted().toReversed() as [string];
    this.refused.set(kindOf(told), { ...told, count: known.count + told.count, firstAt, lastAt });
  }

  private known(refusal: RefusedRequests): RefusedRequests | undefined {
    return this.refused.get(kindOf(refusal));
  }
}

function kindOf({ route, reason, network, caller }: RefusedRequests): string {
  return JSON.stringify([route, reason, network, caller?.id]);
}

function withoutClient(refusal: RefusedRequests): RefusedRequests {
  return { ...refusal, network: null, caller: null };
}
