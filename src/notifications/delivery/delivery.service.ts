import { Injectable, Logger } from '@nestjs/common';
import { settled } from '../../platform/settled.js';
import type { Attempt } from '../channels/notification-channel.js';
import { NotificationChannels } from '../channels/notification-channels.service.js';
import type { RenderedMessage } from '../messages/message-composer.service.js';
import { MessageRenderer } from '../messages/overrides/message-renderer.service.js';
import type { ChannelName } from '../notification-kind.js';
import { AttemptRecorder } from './attempt-recorder.service.js';
import { DeliveryReader, isRecent } from './delivery-reader.service.js';
import { DeliveryRules } from './delivery-rules.js';
import type { Delivery } from './delivery.queries.js';

/** Delivers notifications at least once. Each has its own schedule, so that none delays another. */
@Injectable()
export class DeliveryService {
  private readonly logger = new Logger('notifications');

  constructor(
    private readonly reader: DeliveryReader,
    private readonly rules: DeliveryRules,
    private readonly renderer: MessageRenderer,
    private readonly channels: NotificationChannels,
    private readonly recorder: AttemptRecorder,
  ) {}

  /**
   * Makes one attempt for each notification that has not ended. A worker that has lost its job sends no
   * message.
   * @throws errors of the database and of `assertHeld`
   */
  async deliver(notificationIds: readonly string[], assertHeld: () => Promise<void>): Promise<void> {
    const deliveries = this.reader.open(notificationIds);
    const deliverOnce = (delivery: Delivery) =>
      this.deliverOne(delivery, assertHeld).finally(() => this.rules.settle(delivery));
    const deliverNext = async (id: string) => {
      let delivery = await deliveries.take(id);
      while (delivery && !(await deliverOnce(delivery))) delivery = await deliveries.retake(id);
    };
    const deliverInTurn = ([id, channel]: [string, ChannelName]) =>
      this.channels.roomOf(channel).underway(() => deliverNext(id));
    await settled([...(await deliveries.channels())].map(deliverInTurn));
  }

  /** @returns false if it waited so long that the data may be out of date; then nothing has been done */
  private async deliverOne(delivery: Delivery, assertHeld: () => Promise<void>): Promise<boolean> {
    if (await this.isNotToBeSent(delivery)) return true;
    const message = await this.render(delivery);
    const waitsSince = performance.now() - this.rules.waitedMs(delivery);
    const tried = await this.channels.roomOf(delivery.channel).sending(async () => {
      // Only waiting time counts. Otherwise every message would be read again and again while the database is
      // slow.
      if (!isRecent(waitsSince)) return 'too late';
      await assertHeld();
      if (!(await this.recorder.recordHandover(delivery))) return 'ended';
      const startedAt = new Date();
      return { attempt: await this.attempt(delivery, message), startedAt };
    });
    if (typeof tried === 'string') return tried === 'ended';
    const { attempt, startedAt } = tried;
    // An accepted message is sent, whichever worker sent it. The worker that has the job decides about all
    // other outcomes.
    if (attempt.outcome !== 'accepted') await assertHeld();
    await this.recorder.recordAttempt(delivery, attempt, startedAt);
    if (attempt.outcome !== 'accepted') this.reader.discard();
    return true;
  }

  /** Checks the obstacles and records the reason if there is one. */
  private async isNotToBeSent(delivery: Delivery): Promise<boolean> {
    if (!delivery.linked) {
      await this.recorder.recordUnlinked(delivery);
      return true;
    }
    if (delivery.handed_over_at) {
      await this.recorder.recordInterrupted(delivery, delivery.handed_over_at);
      return true;
    }
    const obstacle = await this.rules.obstacleTo(delivery);
    if (obstacle) await this.recorder.recordObstacle(delivery, obstacle);
    return obstacle !== null;
  }

  /**
   * Returns null if the message cannot be rendered, and logs the error.
   * @throws errors of the database only
   */
  private async render(delivery: Delivery): Promise<RenderedMessage | null> {
    const { id: notificationId, kind, channel, customer_id: customerId, email } = delivery;
    const message = { kind, version: delivery.template_version };
    const links = await this.renderer.linksFor({ customerId, email, kind, channel });
    try {
      return await this.renderer.render(message, delivery, links);
    } catch (error) {
      this.logger.error({ event: 'message not rendered', notificationId, error });
      return null;
    }
  }

  private async attempt(delivery: Delivery, message: RenderedMessage | null): Promise<Attempt> {
    if (!message) return { outcome: 'render_failed' };
    const { id: notificationId, user_id: userId, kind, resends, name, email, channel } = delivery;
    return this.channels.get(channel).send({ notificationId, userId, kind, resends, name, email }, message);
  }
}
