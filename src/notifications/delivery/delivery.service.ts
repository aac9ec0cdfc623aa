import { Injectable } from '@nestjs/common';
import pLimit from 'p-limit';
import { AppConfig } from '../../platform/config/app-config.js';
import { settled } from '../../platform/settled.js';
import { CHANNELS, type ChannelName } from '../notification-kind.js';
import { AttemptRecorder } from './attempt-recorder.service.js';
import { DeliveryAttempts } from './delivery-attempts.service.js';
import { DeliveryReader, isRecent } from './delivery-reader.service.js';
import { DeliveryRules } from './delivery-rules.js';
import type { Delivery } from './delivery.queries.js';

/**
 * Messages underway per SMTP connection: while one is sent, another one is written, or recorded. A process that
 * is killed has sent at most so many that it has not recorded; those are sent again.
 */
const UNDERWAY_PER_CONNECTION = 2;

/** How many messages of a channel are underway at a time, and sent at a time. */
interface Room {
  underway: ReturnType<typeof pLimit>;
  sending: ReturnType<typeof pLimit>;
}

function roomFor(connections: number): Room {
  return { underway: pLimit(connections * UNDERWAY_PER_CONNECTION), sending: pLimit(connections) };
}

/** Delivers notifications: at least once, each with a schedule of its own, none holding up another. */
@Injectable()
export class DeliveryService {
  /** A slow mail server holds up no other channel. */
  private readonly rooms: ReadonlyMap<ChannelName, Room>;

  constructor(
    { mail }: AppConfig,
    private readonly reader: DeliveryReader,
    private readonly rules: DeliveryRules,
    private readonly attempts: DeliveryAttempts,
    private readonly recorder: AttemptRecorder,
  ) {
    this.rooms = new Map(CHANNELS.map((channel) => [channel, roomFor(mail.maxConnections)]));
  }

  /**
   * Makes one attempt for each notification that has not ended. Throws only for the database, or when
   * `assertHeld` does: no message is sent by a worker that has lost its job.
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
      this.roomOf(channel).underway(() => deliverNext(id));
    await settled([...(await deliveries.channels())].map(deliverInTurn));
  }

  private roomOf(channel: ChannelName): Room {
    return this.rooms.get(channel) as Room;
  }

  /** @returns false when it had to wait so long that what was read of it may not hold: nothing has been done */
  private async deliverOne(delivery: Delivery, assertHeld: () => Promise<void>): Promise<boolean> {
    if (await this.isNotToBeSent(delivery)) return true;
    const message = await this.attempts.write(delivery);
    const waitsSince = performance.now() - this.rules.waitedMs(delivery);
    const tried = await this.roomOf(delivery.channel).sending(async () => {
      // Only waits count: all would be asked again and again while the database is slow.
      if (!isRecent(waitsSince)) return 'too late';
      await assertHeld();
      if (!(await this.recorder.recordHandover(delivery))) return 'ended';
      const startedAt = new Date();
      return { attempt: await this.attempts.send(delivery, message), startedAt };
    });
    if (typeof tried === 'string') return tried === 'ended';
    const { attempt, startedAt } = tried;
    // What has been accepted is sent, whoever did it; all else is decided by the worker that has the job.
    if (attempt.outcome !== 'accepted') await assertHeld();
    await this.recorder.recordAttempt(delivery, attempt, startedAt);
    if (attempt.outcome !== 'accepted') this.reader.forget();
    return true;
  }

  /** Then it is recorded why. */
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
}
