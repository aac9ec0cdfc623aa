import { PARTITIONS } from '../../../src/integrations/outbox/append-fact.js';
import type { RunSql } from './invariants.js';

/** Lets a consumer read the outbox from the first fact on, in a database without customers. */
export async function readFromStart(sql: RunSql, consumer: string): Promise<void> {
  await sql(
    `insert into outbox_positions (consumer, partition, txid, customer_id, sequence, moved_at, started_at)
     select $1, partition, 0, '00000000-0000-0000-0000-000000000000', 0, now(), now()
     from generate_series(0, ${PARTITIONS - 1}) as partition`,
    [consumer],
  );
}

/** The rows of the outbox that a consumer has not read. */
export const UNREAD_FACTS = `
  select consumer, outbox.customer_id, outbox.sequence
  from outbox_positions position join outbox on outbox.partition = position.partition
    and (outbox.txid, outbox.customer_id, outbox.sequence)
      > (position.txid, position.customer_id, position.sequence)`;
