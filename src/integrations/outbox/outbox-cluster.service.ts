import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import { inTransaction } from '../../platform/database/transaction.js';

/**
 * Moves the outbox into another cluster of PostgreSQL, after a restore from a dump. Ids of transactions begin from the
 * start there: rows with ids of the old cluster could not be read for a long time, and new rows would appear below the
 * positions. All old ids are lowered by the same number, so that their order stays, and are below all new ones.
 */
@Injectable()
export class OutboxCluster implements OnApplicationBootstrap {
  private readonly logger = new Logger('outbox');

  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /** Each process looks before it writes facts. */
  async onApplicationBootstrap(): Promise<void> {
    await this.renumber();
  }

  /** Does nothing in the cluster that wrote all ids. @returns whether ids were lowered */
  async renumber(): Promise<boolean> {
    if (!(await isFromElsewhere(this.dataSource.manager))) return false;
    const isDone = await inTransaction(this.dataSource, async (manager) => {
      await manager.query(LOCK);
      if (!(await isFromElsewhere(manager))) return false;
      const [old] = await manager.query<[{ above: string }]>(ABOVE);
      for (const statement of [LOWER_ROWS, LOWER_SEQUENCES, LOWER_POSITIONS])
        await manager.query(statement, [old.above]);
      return true;
    });
    if (isDone) this.logger.warn({ event: 'outbox renumbered', cause: 'ids of another cluster' });
    return isDone;
  }
}

async function isFromElsewhere(manager: EntityManager): Promise<boolean> {
  const [row] = await manager.query<{ isElsewhere: boolean }[]>(IS_FROM_ELSEWHERE);
  return row?.isElsewhere ?? false;
}

/** The first id that no transaction of this cluster has yet. */
const NEXT_ID = 'pg_snapshot_xmax(pg_current_snapshot())::text::bigint';

const IS_FROM_ELSEWHERE = `
  select exists (select from outbox_positions where txid > ${NEXT_ID})
    or exists (
      select from generate_series(0, (select max(partition) from outbox)) as part
      where (select max(txid) from outbox where outbox.partition = part) > ${NEXT_ID}) as "isElsewhere"`;

const LOCK = 'lock table outbox, outbox_sequences, outbox_positions in share row exclusive mode';

/** A number above all ids of the old cluster. */
const ABOVE = `
  select 1 + greatest(
    (select max(txid) from outbox), (select max(txid) from outbox_sequences), (select max(txid) from outbox_positions)
  ) as above`;

/**
 * A row with a low id is old if a consumer that was there in the old cluster has moved since. Rows of a customer keep the
 * order of their sequence in any case. The positions are lowered last, because the age of the rows is read from them.
 */
const LOWER_ROWS = `
  with old as (
    select partition, max(moved_at) as until from outbox_positions
    where txid > ${NEXT_ID} or not exists (select from outbox_positions where txid > ${NEXT_ID})
    group by partition
  ), lowered as (
    select id, max(case when txid > ${NEXT_ID} or recorded_at <= until then txid - $1::bigint else txid end)
      over (partition by customer_id order by sequence) as txid
    from outbox left join old on old.partition = outbox.partition
  )
  update outbox set txid = lowered.txid from lowered where lowered.id = outbox.id and lowered.txid <> outbox.txid`;

const LOWER_SEQUENCES = `update outbox_sequences set txid = txid - $1::bigint where txid > ${NEXT_ID}`;

const LOWER_POSITIONS = 'update outbox_positions set txid = txid - $1::bigint';
