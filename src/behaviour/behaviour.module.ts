import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AnonymousId } from './stream/anonymous-id.entity.js';
import { BehaviourEvent } from './stream/behaviour-event.entity.js';
import { Person } from './stream/person.entity.js';

/** Takes and keeps what people do in MINGUS, together with what this service knows of them, as one stream of events. */
@Module({
  imports: [TypeOrmModule.forFeature([BehaviourEvent, Person, AnonymousId])],
})
export class BehaviourModule {}
