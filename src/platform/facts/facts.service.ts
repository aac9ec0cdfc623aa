import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { EventEmitter2, type OnEventMetadata } from '@nestjs/event-emitter';
import type { EntityManager } from 'typeorm';
import type { DomainEvent } from '../../events/domain-event.js';
import { UnitOfWork } from '../unit-of-work/unit-of-work.js';
import { UnitOfWorkWriter } from '../unit-of-work/unit-of-work-writer.service.js';

/** The metadata key under which `@OnEvent` stores the facts of a method. */
const LISTENER_METADATA = 'EVENT_LISTENER_METADATA';

type Methods = Record<string, ((...args: unknown[]) => unknown) | undefined>;

/**
 * Calls the methods with `@OnFact` for each fact, in the order of the modules. The calls are direct, because
 * the loader of @nestjs/event-emitter wraps each one in a promise and swallows errors by default.
 */
@Injectable()
export class Facts implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(
    private readonly emitter: EventEmitter2,
    private readonly writer: UnitOfWorkWriter,
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
  ) {}

  onApplicationBootstrap(): void {
    for (const { instance, isAlias } of this.discovery.getProviders()) {
      if (instance && !isAlias) this.subscribe(instance as Methods);
    }
  }

  onApplicationShutdown(): void {
    this.emitter.removeAllListeners();
  }

  /** @throws the error of a listener; the unit of work must then not be written */
  emit(fact: DomainEvent, unit: UnitOfWork): void {
    this.emitter.emit(fact.eventName, fact, unit);
  }

  /**
   * Emits a single fact and writes the rows and jobs of its listeners, in the transaction of the manager.
   * @returns the changes that the listeners report
   */
  async record(manager: EntityManager, fact: DomainEvent): Promise<string[]> {
    const unit = new UnitOfWork();
    this.emit(fact, unit);
    await this.writer.write(manager, [unit]);
    return unit.changes;
  }

  private subscribe(instance: Methods): void {
    for (const name of this.scanner.getAllMethodNames(Object.getPrototypeOf(instance) ?? {})) {
      const method = instance[name];
      if (!method) continue;
      const listened: OnEventMetadata[] = Reflect.getMetadata(LISTENER_METADATA, method) ?? [];
      for (const { event } of listened) {
        this.emitter.on(event as string, (...fact) => assertSynchronous(name, method.apply(instance, fact)));
      }
    }
  }
}

/**
 * @throws for an asynchronous listener, because its rows would be added after the unit of work was written
 */
function assertSynchronous(name: string, result: unknown): void {
  if (!(result instanceof Promise)) return;
  // A rejection of this promise would end the process. The error below reaches the emitter instead.
  result.catch(() => undefined);
  throw new TypeError(`The listener ${name} returned a promise`);
}
