import { setTimeout as timeout } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { AppConfig } from '../config/app-config.js';

/**
 * The time between the signal to stop and the closing of the port: no longer ready, but serving, so that
 * balancers look elsewhere before anything is refused.
 */
@Injectable()
export class Drain {
  hasBegun = false;

  constructor(private readonly config: AppConfig) {}

  /** Resolves when it is over. */
  async run(): Promise<void> {
    this.hasBegun = true;
    await timeout(this.config.http.drainSeconds * 1000);
  }
}
