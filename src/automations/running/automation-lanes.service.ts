import { Injectable, Logger } from '@nestjs/common';
import { OutboxSwitch } from '../../integrations/outbox/outbox-switch.service.js';
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
  private timer?: NodeJS.Timeout;
  private running?: Promise<void>;
  private isStopping = false;

  constructor(
    private readonly advancer: RunAdvancer,
    private readonly consumers: OutboxSwitch,
    private readonly settings: AutomationsSettings,
  ) {}

  /** Called once the application is up. */
  start(): void {
    this.timer = setInterval(() => void this.runSafely(), EVERY_MS);
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.isStopping = true;
    clearInterval(this.timer);
    await this.running;
  }

  /** Advances all runs until none is due. */
  async run(): Promise<void> {
    if (!this.consumers.current.has(AUTOMATION_FEED) || !(await this.advancer.advanceNext())) return;
    await Promise.all(Array.from({ length: this.settings.lanes }, () => this.runLane()));
  }

  private async runLane(): Promise<void> {
    while (!this.isStopping && (await this.advancer.advanceNext()));
  }

  /** Only one round runs at a time. */
  private async runSafely(): Promise<void> {
    if (this.running) return;
    this.running = this.run().catch((error) => this.logger.error({ event: 'runs not advanced', error }));
    await this.running;
    this.running = undefined;
  }
}
