import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { RowsPurged } from '../../events/rows-purged.event.js';
import { inTransaction } from '../../platform/database/transaction.js';
import { Facts } from '../../platform/facts/facts.service.js';

const PEOPLE_AT_ONCE = 1000;

/** People whose events are all beyond the retention. */
@Injectable()
export class IdlePeople {
  constructor(
    private readonly facts: Facts,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  /** Removes people without an event since a time, with their anonymous ids. A later event starts a new person. */
  async purge(since: Date, days: number): Promise<void> {
    let after: string | null = '0';
    while (after !== null) {
      const page: { personId: string; isIdle: boolean }[] = await this.dataSource.query(PEOPLE, [
        after,
        since,
      ]);
      const idle = page.filter(({ isIdle }) => isIdle).map(({ personId }) => personId);
      if (idle.length > 0) await this.remove(idle, since, days);
      after = page.at(-1)?.personId ?? null;
    }
  }

  /** A transaction that adds events has locked their people. The second statement sees the events. */
  private remove(personIds: readonly string[], since: Date, days: number): Promise<void> {
    return inTransaction(this.dataSource, async (manager) => {
      await manager.query(LOCK, [personIds]);
      const [{ count }] = await manager.query<[{ count: number }]>(REMOVE, [personIds, since]);
      if (count > 0) await this.facts.record(manager, new RowsPurged('people', count, { days }));
    });
  }
}

const IS_IDLE = `
  (
    select true from behaviour_events
    where behaviour_events.person_id = people.person_id and occurred_at >= $2::timestamptz
    limit 1
  ) is null`;

const PEOPLE = `
  select person_id as "personId", ${IS_IDLE} as "isIdle" from people
  where person_id > $1 order by person_id limit ${PEOPLE_AT_ONCE}`;

const LOCK = 'select from people where person_id = any($1::bigint[]) order by person_id for update';

const REMOVE = `
  with idle as materialized (
    select person_id from people where person_id = any($1::bigint[]) and ${IS_IDLE}
  ), parted as (
    delete from anonymous_ids where person_id in (select person_id from idle)
  ), removed as (
    delete from people where person_id in (select person_id from idle) returning person_id
  )
  select count(*)::int as count from removed`;
