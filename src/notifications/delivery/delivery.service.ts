import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import pLimit from 'p-limit';
import { DataSource } from 'typeorm';
import { AppConfig } from '../../platform/config/app-config.js';
import { AttemptRecorder } from './attempt-recorder.service.js';
import { DeliveryAttempts } from './delivery-attempts.service.js';
import { DeliveryRules } from './delivery-rules.js';
import { findDelivery } from './delivery.queries.js';

/** Delivers notifications: at least once, each with a schedule of its own, none holding up another. */
@Injectable()
export class DeliveryService {
  /** No more at once than there are SMTP connections: what is read here is not old when it is sent. */
  private readonly limit: ReturnType<typeof pLimit>;

  constructor(
    config: AppConfig,
    private readonly rules: DeliveryRules,
    private readonly attempts: DeliveryAttempts,
    private readonly recorder: AttemptRecorder,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {
    this.limit = pLimit(config.mail.maxConnections);
  }

  /**
   * Makes one attempt. Does nothing for a notification that has ended; throws only for the database, or when
   * `assertHeld` does: no message is sent by a worker that has lost its job.
   */
  async deliver(notificationId: string, assertHeld: () => Promise<void>): Promise<void> {
    await this.limit(async () => {
      const delivery = await findDelivery(this.dataSource, notificationId);
      if (!delivery) return;
      if (!delivery.linked) return this.recorder.recordUnlinked(delivery);
      const obstacle = await this.rules.obstacleTo(delivery);
      if (obstacle) return this.recorder.recordObstacle(delivery, obstacle);
      await assertHeld();
      const startedAt = new Date();
      const attempt = await this.attempts.make(delivery);
      await this.recorder.recordAttempt(delivery, attempt, startedAt);
    });
  }
}
