import { Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import { inTransaction } from '../../platform/database/transaction.js';
import { Rounds } from '../../platform/process/rounds.js';
import { PARTITIONS } from './append-fact.js';
import { OutboxCluster } from './outbox-cluster.service.js';
import type { OutboxConsumer } from './outbox-consumer.js';
import type { OutboxEntry } from './outbox-entry.entity.js';
import { OutboxSwitch } from './outbox-switch.service.js';

const EVERY_MS = 200;
const ROWS_PER_ROUND = 500;
/** How often it is checked that the database is still of the cluster that wrote the ids. */
const CHECK_EVERY_MS = 10_000;

/**
 * Gives the rows of the outbox to its consumers: per partition one relay at a time over all processes, per customer in
 * sequence. Rows at or above the oldest running transaction wait, because rows below them can still appear. A consumer
 * that fails does not hold up the others.
 */
@Injectable()
export class OutboxRelay {
  private readonly logger = new Logger('outbox');
  private readonly rounds = new Rounds(
    () => this.run(),
    EVERY_MS,
    (error) => this.logger.error({ event: 'outbox not relayed', error }),
  );
  private checkedAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly consumers: OutboxSwitch,
    private readonly cluster: OutboxCluster,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  /** Called once the application is up, by processes with the role `worker`. */
  start(): void {
    this.rounds.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.rounds.stop();
  }

  /** Relays all rows that can be relayed now. */
  async run(): Promise<void> {
    if (this.consumers.current.size > 0) await this.checkCluster();
    for (const [name, consumer] of this.consumers.current) await this.runFor(name, consumer);
  }

  private async checkCluster(): Promise<void> {
    if (performance.now() - this.checkedAt < CHECK_EVERY_MS) return;
    this.checkedAt = performance.now();
    await this.cluster.renumber();
  }

  private async runFor(name: string, consumer: OutboxConsumer): Promise<void> {
    try {
      for (const partition of await this.waiting(name)) {
        while ((await this.relay(name, consumer, partition)) === ROWS_PER_ROUND);
      }
    } catch (error) {
      this.logger.error({ event: 'outbox not relayed', consumer: name, error });
    }
  }

  /** One query finds the partitions with something to relay, so that an idle round costs one round trip. */
  private async waiting(consumer: string): Promise<number[]> {
    const rows = await this.dataSource.query<{ partition: number }[]>(WAITING, [consumer, PARTITIONS]);
    return rows.map(({ partition }) => partition);
  }

  /** @returns the number of rows that the consumer took */
  private relay(name: string, consumer: OutboxConsumer, partition: number): Promise<number> {
    return inTransaction(this.dataSource, async (manager) => {
      const lock = `relay ${name} ${partition}`;
      const [turn] = await manager.query<{ isTaken: boolean }[]>(TAKE_TURN, [lock]);
      if (!turn?.isTaken) return 0;
      const entries = await manager.query<OutboxEntry[]>(NEXT, [name, partition, ROWS_PER_ROUND]);
      const last = entries.at(-1);
      if (!last) return 0;
      await consumer.consume(entries, manager);
      await manager.query(MOVE, [name, partition, last.txid, last.customerId, last.sequence]);
      return entries.length;
    });
  }
}

/**
 * Makes a consumer begin with the facts of the present, also if it was on before. Called in the transaction that switches
 * it on. `OutboxSwitch.untilKnown` resolves when all processes know it.
 */
export async function startReading(manager: EntityManager, consumer: string): Promise<void> {
  await manager.query(START, [consumer, PARTITIONS]);
}

const START = `
  insert into outbox_positions (consumer, partition, txid, customer_id, sequence, moved_at, started_at)
  select $1, partition, pg_snapshot_xmin(pg_current_snapshot())::text::bigint, '00000000-0000-0000-0000-000000000000', 0,
    now(), now()
  from generate_series(0, $2 - 1) as partition
  on conflict (consumer, partition) do update
  set txid = excluded.txid, customer_id = excluded.customer_id, sequence = excluded.sequence,
    moved_at = excluded.moved_at, started_at = excluded.started_at`;

const TAKE_TURN = `select pg_try_advisory_xact_lock(hashtextextended($1, 0)) as "isTaken"`;

/** What can be relayed: rows after the position and below the oldest running transaction. */
const READABLE = `
  (outbox.txid, outbox.customer_id, outbox.sequence) > (position.txid, position.customer_id, position.sequence)
  and outbox.txid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint`;

const WAITING = `
  select partition from outbox_positions position
  where consumer = $1 and partition < $2 and exists (
    select from outbox where outbox.partition = position.partition and ${READABLE})
  order by random()`;

const NEXT = `
  select outbox.id, outbox.customer_id as "customerId", outbox.sequence::float8 as sequence, outbox.partition,
    outbox.txid::float8 as txid, type, data, occurred_at as "occurredAt", recorded_at as "recordedAt"
  from outbox_positions position join outbox on outbox.partition = position.partition and ${READABLE}
  where consumer = $1 and position.partition = $2
  order by outbox.txid, outbox.customer_id, outbox.sequence
  limit $3`;

const MOVE = `
  update outbox_positions set txid = $3, customer_id = $4, sequence = $5, moved_at = now()
  where consumer = $1 and partition = $2`;
