import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import pLimit from 'p-limit';
import { DataSource } from 'typeorm';
import { AppConfig } from '../../platform/config/app-config.js';
import type { Attempt } from '../channels/notification-channel.js';
import { NotificationChannels } from '../channels/notification-channels.service.js';
import { AttemptRecorder } from './attempt-recorder.service.js';
import { obstacleTo } from './delivery-rules.js';
import { DeliveryMessages } from './delivery-messages.service.js';
import { type Delivery, findDelivery } from './delivery.queries.js';

/** Delivers notifications: at least once, each with a schedule of its own, none holding up another. */
@Injectable()
export class DeliveryService {
  /** No more at once than there are SMTP connections: what is read here is not old when it is sent. */
  private readonly limit: ReturnType<typeof pLimit>;

  constructor(
    config: AppConfig,
    private readonly messages: DeliveryMessages,
    private readonly channels: NotificationChannels,
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
      const obstacle = await obstacleTo(delivery, { now: new Date(), dataSource: this.dataSource });
      if (obstacle) return this.recorder.recordObstacle(delivery, obstacle);
      await assertHeld();
      const startedAt = new Date();
      const attempt = await this.attempt(delivery);
      await this.recorder.recordAttempt(delivery, attempt, startedAt);
    });
  }

  private async attempt(delivery: Delivery): Promise<Attempt> {
    const message = await this.messages.write(delivery);
    if (!message) return { outcome: 'render_failed' };
    return this.channels.get(delivery.channel).send(delivery, message);
  }
}
