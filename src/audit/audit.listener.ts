import { Injectable } from '@nestjs/common';
import type { DomainEvent } from '../events/domain-event.js';
import { OnFact } from '../platform/facts/on-fact.decorator.js';
import type { UnitOfWork } from '../platform/unit-of-work/unit-of-work.js';
import { AUDITED_FACTS } from './audited-facts.js';

const BY_NAME = new Map(AUDITED_FACTS.map((audited) => [audited.fact.eventName, audited]));

/** Adds the entries of a fact to its unit of work. */
@Injectable()
export class AuditListener {
  @OnFact(...AUDITED_FACTS.map(({ fact }) => fact))
  record(fact: DomainEvent, unit: UnitOfWork): void {
    BY_NAME.get(fact.eventName)?.record(fact, unit);
  }
}
