import { setTimeout as timeout } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { HttpSettings } from './http.settings.js';

/**
 * The time between the signal to stop and the closing of the port. The process reports that it is not ready
 * but still serves, so that load balancers stop sending requests before any is refused.
 */
@Injectable()
export class Drain {
  hasBegun = false;

  constructor(private readonly settings: HttpSettings) {}

  /** Resolves when the time is over. */
  async run(): Promise<void> {
    this.hasBegun = true;
    await timeout(this.settings.drainSeconds * 1000);
  }
}
