import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { inTransaction } from '../../platform/database/transaction.js';
import { JobHandler, type JobRun } from '../../platform/jobs/job-handler.js';
import { ATTACHED_AT_ONCE } from '../attaching/waiting-events.js';
import { ATTACH_REST, EMPTY_NEXT, FINISH, UNFINISHED } from './erasing.queries.js';

/** The place of an event in the index by person. */
interface Place {
  name: string;
  occurredAt: Date | '-infinity';
}

/** Empties the events of erased people page by page. It works on all of them, so that its payload names no one. */
@Injectable()
@JobHandler('empty-behaviour')
export class EmptyBehaviourJob implements JobRun<'empty-behaviour'> {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  async run(): Promise<void> {
    const people = await this.dataSource.query<{ personId: string }[]>(UNFINISHED);
    for (const { personId } of people) {
      await this.attachRest(personId);
      await this.emptyRest(personId);
      await inTransaction(this.dataSource, async (manager) => {
        for (const text of FINISH) await manager.query(text, [personId]);
      });
    }
  }

  private async attachRest(personId: string): Promise<void> {
    let count: number;
    do [, count] = await this.dataSource.query<[unknown[], number]>(ATTACH_REST, [[personId]]);
    while (count === ATTACHED_AT_ONCE);
  }

  /** A repeated run passes over empty events. */
  private async emptyRest(personId: string): Promise<void> {
    let place: Place | undefined = { name: '', occurredAt: '-infinity' };
    while (place) {
      const values: unknown[] = [personId, place.name, place.occurredAt];
      [place] = await this.dataSource.query<Place[]>(EMPTY_NEXT, values);
    }
  }
}
