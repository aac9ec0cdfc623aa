import { OnEvent } from '@nestjs/event-emitter';
import type { DomainEvent } from '../../events/domain-event.js';
import type { UnitOfWork } from '../unit-of-work/unit-of-work.js';

/** The class of a fact, with the name of its instances. */
export interface FactClass<F extends DomainEvent> {
  readonly eventName: string;
  readonly prototype: F;
}

/**
 * Marks a listener of facts. It adds rows and jobs to the unit of work, synchronously and without I/O. Its
 * errors reach the emitter of the fact, and then nothing is written.
 */
export function OnFact<F extends DomainEvent>(...facts: readonly FactClass<F>[]) {
  return <M extends (fact: F, unit: UnitOfWork) => unknown>(
    target: object,
    name: string | symbol,
    method: TypedPropertyDescriptor<M> & Synchronous<M>,
  ): void => {
    for (const { eventName } of facts) OnEvent(eventName, { suppressErrors: false })(target, name, method);
  };
}

/**
 * Excludes methods that return a promise, because their rows would be added after the unit of work was
 * written.
 */
type Synchronous<M extends (...args: never[]) => unknown> =
  ReturnType<M> extends PromiseLike<unknown> ? never : unknown;
