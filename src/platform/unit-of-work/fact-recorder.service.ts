import { Injectable } from '@nestjs/common';
import { EventEmitter2 } from '@nestjs/event-emitter';
import type { EntityManager } from 'typeorm';
import type { DomainEvent } from '../../events/domain-event.js';
import { UnitOfWork } from './unit-of-work.js';
import { UnitOfWorkWriter } from './unit-of-work-writer.service.js';

/** Tells the listeners of a fact by itself, and writes what they make of it, in the transaction of the fact. */
@Injectable()
export class FactRecorder {
  constructor(
    private readonly emitter: EventEmitter2,
    private readonly writer: UnitOfWorkWriter,
  ) {}

  /** @returns the changes that the listeners report */
  async record(manager: EntityManager, fact: DomainEvent): Promise<string[]> {
    const unit = new UnitOfWork();
    await this.emitter.emitAsync(fact.eventName, fact, unit);
    await this.writer.write(manager, [unit]);
    return unit.changes;
  }
}
