import { Injectable, Logger } from '@nestjs/common';
import { OutboxSwitch } from '../../integrations/outbox/outbox-switch.service.js';
import { Rounds } from '../../platform/process/rounds.js';
import { AutomationsSettings } from '../automations.settings.js';
import { AUTOMATION_FEED } from '../starting/automation-feed.consumer.js';
import { RunAdvancer } from './run-advancer.service.js';

const EVERY_MS = 250;

/**
 * Advances runs that are due, outside of the job engine. Processes with the role `worker` look four times a second; the
 * first run that is found opens all lanes. While no automation is enabled, they ask the database nothing.
 */
@Injectable()
export class AutomationLanes {
  private readonly logger = new Logger('automations');
  private readonly rounds = new Rounds(
    () => this.run(),
    EVERY_MS,
    (error) => this.logger.error({ event: 'runs not advanced', error }),
  );
  private isStopping = false;

  constructor(
    private readonly advancer: RunAdvancer,
    private readonly consumers: OutboxSwitch,
    private readonly settings: AutomationsSettings,
  ) {}

  /** Called once the application is up. */
  start(): void {
    this.rounds.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.isStopping = true;
    await this.rounds.stop();
  }

  /** Advances all runs until none is due. */
  async run(): Promise<void> {
    if (!this.consumers.current.has(AUTOMATION_FEED) || !(await this.advancer.advanceNext())) return;
    await Promise.all(Array.from({ length: this.settings.lanes }, () => this.runLane()));
  }

  private async runLane(): Promise<void> {
    while (!this.isStopping && (await this.advancer.advanceNext()));
  }
}
