import { Injectable } from '@nestjs/common';
import pLimit from 'p-limit';
import { AppConfig } from '../../platform/config/app-config.js';
import { settled } from '../../platform/settled.js';
import { AttemptRecorder } from './attempt-recorder.service.js';
import { DeliveryAttempts } from './delivery-attempts.service.js';
import { DeliveryReader } from './delivery-reader.service.js';
import { DeliveryRules } from './delivery-rules.js';
import type { Delivery } from './delivery.queries.js';

/** Delivers notifications: at least once, each with a schedule of its own, none holding up another. */
@Injectable()
export class DeliveryService {
  /** No more at once than there are SMTP connections: so many can arrive twice when the process is killed. */
  private readonly limit: ReturnType<typeof pLimit>;

  constructor(
    config: AppConfig,
    private readonly reader: DeliveryReader,
    private readonly rules: DeliveryRules,
    private readonly attempts: DeliveryAttempts,
    private readonly recorder: AttemptRecorder,
  ) {
    this.limit = pLimit(config.mail.maxConnections);
  }

  /**
   * Makes one attempt for each notification that has not ended. Throws only for the database, or when
   * `assertHeld` does: no message is sent by a worker that has lost its job.
   */
  async deliver(notificationIds: readonly string[], assertHeld: () => Promise<void>): Promise<void> {
    const deliveries = this.reader.open(notificationIds);
    const deliverNext = async (id: string) => {
      const delivery = await deliveries.take(id);
      if (delivery) await this.attempt(delivery, assertHeld);
    };
    await settled(notificationIds.map((id) => this.limit(() => deliverNext(id))));
  }

  private async attempt(delivery: Delivery, assertHeld: () => Promise<void>): Promise<void> {
    if (!delivery.linked) return this.recorder.recordUnlinked(delivery);
    const obstacle = await this.rules.obstacleTo(delivery);
    if (obstacle) return this.recorder.recordObstacle(delivery, obstacle);
    await assertHeld();
    const startedAt = new Date();
    const attempt = await this.attempts.make(delivery);
    await this.recorder.recordAttempt(delivery, attempt, startedAt);
    if (attempt.outcome !== 'accepted') this.reader.forget();
  }
}
