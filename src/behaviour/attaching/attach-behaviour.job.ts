import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import { BehaviourRecorded } from '../../events/behaviour/behaviour-recorded.event.js';
import type { JobPayloads } from '../../events/job-tasks.js';
import { inTransaction } from '../../platform/database/transaction.js';
import { Facts } from '../../platform/facts/facts.service.js';
import { JobHandler, type JobRun } from '../../platform/jobs/job-handler.js';
import { recordedBehaviourOf } from '../stream/recorded-behaviour.js';
import { ATTACHED_AT_ONCE, attachSome } from './waiting-events.js';

/**
 * Attaches the events that waited for a person, if there are too many for the transaction of the collector that joined them.
 * Each page is a fact of its own.
 */
@Injectable()
@JobHandler('attach-behaviour')
export class AttachBehaviourJob implements JobRun<'attach-behaviour'> {
  constructor(
    private readonly facts: Facts,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  async run(payloads: readonly JobPayloads['attach-behaviour'][]): Promise<void> {
    for (const personId of new Set(payloads.map((payload) => payload.personId))) {
      let attached: number;
      do attached = await inTransaction(this.dataSource, (manager) => this.attachPage(manager, personId));
      while (attached === ATTACHED_AT_ONCE);
    }
  }

  /** @returns the number of attached events; 0 for a person who was erased, whose events the erasure takes */
  private async attachPage(manager: EntityManager, personId: string): Promise<number> {
    const [person] = await manager.query<{ userId: string }[]>(PERSON, [personId]);
    if (!person) return 0;
    const attached = await attachSome(manager, [personId]);
    const people = recordedBehaviourOf(attached, new Map([[personId, person.userId]]));
    if (people.length > 0) await this.facts.record(manager, new BehaviourRecorded(people));
    return attached.length;
  }
}

/** An erasure waits for the transaction. */
const PERSON = `
  select user_id as "userId" from people where person_id = $1 and user_id is not null for key share`;
