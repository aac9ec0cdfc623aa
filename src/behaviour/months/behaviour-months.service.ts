import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { RowsPurged } from '../../events/rows-purged.event.js';
import { Clock } from '../../platform/clock.js';
import { inTransaction } from '../../platform/database/transaction.js';
import { Facts } from '../../platform/facts/facts.service.js';
import { IdlePeople } from './idle-people.service.js';
import { BehaviourSettings } from '../behaviour.settings.js';

const DAY_MS = 86_400_000;

/** The months of the stream: partitions that are made ahead and dropped after the retention. */
@Injectable()
export class BehaviourMonths implements OnApplicationBootstrap {
  private readonly logger = new Logger('behaviour');

  constructor(
    private readonly settings: BehaviourSettings,
    private readonly clock: Clock,
    private readonly facts: Facts,
    private readonly idlePeople: IdlePeople,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.makeAhead();
  }

  /** Makes this month and the next two. */
  async makeAhead(): Promise<void> {
    await this.dataSource.query(MAKE_AHEAD, [this.clock.now()]);
  }

  /**
   * Drops the months that ended before the retention, and first the people who have events in no other month. The rows are
   * counted for the audit.
   * @returns the number of removed events
   */
  async dropExpired(): Promise<number> {
    const { retentionDays: days } = this.settings;
    const before = new Date(this.clock.now().getTime() - days * DAY_MS);
    if (await this.hasExpired(before)) await this.idlePeople.purge(firstOfMonth(before), days);
    const count = await inTransaction(this.dataSource, async (manager) => {
      await manager.query(LOCK);
      const [{ count: rows }] = await manager.query<[{ count: number }]>(COUNT, [before]);
      await manager.query('select drop_behaviour_months($1)', [before]);
      if (rows > 0) await this.facts.record(manager, new RowsPurged('behaviour_events', rows, { days }));
      return rows;
    });
    this.logger.log({ event: 'rows purged', table: 'behaviour_events', purged: count });
    return count;
  }

  private async hasExpired(before: Date): Promise<boolean> {
    const rows: unknown[] = await this.dataSource.query(EXPIRED, [before]);
    return rows.length > 0;
  }
}

function firstOfMonth(time: Date): Date {
  return new Date(Date.UTC(time.getUTCFullYear(), time.getUTCMonth()));
}

const EXPIRED = `
  select from behaviour_events where occurred_at < date_trunc('month', $1::timestamptz) limit 1`;

const MAKE_AHEAD = `
  select make_behaviour_month((date_trunc('month', $1::timestamptz) + make_interval(months => ahead))::date)
  from generate_series(0, 2) as ahead`;

/** Of two processes, the second finds the months gone and counts no rows. */
const LOCK = `select pg_advisory_xact_lock(hashtext('behaviour months'))`;

const COUNT = `
  select count(*)::float8 as count from behaviour_events where occurred_at < date_trunc('month', $1::timestamptz)`;
