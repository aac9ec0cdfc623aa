import { Global, Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { EventEmitter2 } from '@nestjs/event-emitter';
import { UnitOfWorkWriter } from '../unit-of-work/unit-of-work-writer.service.js';
import { Facts } from './facts.service.js';

/** Facts, their listeners, of any number, and the writer of what the listeners add. */
@Global()
@Module({
  imports: [DiscoveryModule],
  providers: [
    { provide: EventEmitter2, useFactory: () => new EventEmitter2({ maxListeners: 0 }) },
    UnitOfWorkWriter,
    Facts,
  ],
  exports: [Facts, UnitOfWorkWriter],
})
export class FactsModule {}
