import { Injectable } from '@nestjs/common';

/** The wall clock, injected where a decision depends on the time, so that tests can set it. */
@Injectable()
export class Clock {
  now(): Date {
    return new Date();
  }
}
