import { Injectable, Logger } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { ChannelName } from '../notification-kind.js';
import { afterFault, afterSuccess, type ChannelFault } from './circuit.js';
import { NotificationChannelState } from './notification-channel-state.entity.js';

const ONGOING_MS = 600_000;

/** Keeps the circuit of each channel in the database: what one process learns, all know. */
@Injectable()
export class ChannelBreaker {
  private readonly logger = new Logger('notifications');

  /**
   * @param isRepeated the same message has met one before
   * @returns until when the channel is paused now; null when it is not
   */
  async recordFault(
    manager: EntityManager,
    channel: ChannelName,
    fault: ChannelFault,
    reason: string,
    isRepeated: boolean,
  ): Promise<Date | null> {
    await manager.query(
      `insert into notification_channel_states (channel, failures, reason) values ($1, 0, $2)
       on conflict do nothing`,
      [channel, reason],
    );
    const before = await lock(manager, channel);
    const now = new Date();
    const after = afterFault(before, fault, now, isRepeated);
    const since = isOngoing(before?.pausedUntil ?? null, now) ? {} : { since: now };
    await manager.update(NotificationChannelState, { channel }, { ...after, ...since, reason });
    const { failures, pausedUntil } = after;
    if (pausedUntil && pausedUntil.getTime() !== before?.pausedUntil?.getTime()) {
      this.logger.error({ event: 'channel paused', channel, fault, reason, failures, pausedUntil });
    }
    return pausedUntil;
  }

  /** Closes the circuit bit by bit. Called only where it is known not to be closed. */
  async recordSuccess(manager: EntityManager, channel: ChannelName): Promise<void> {
    const before = await lock(manager, channel);
    if (!before) return;
    const after = afterSuccess(before);
    if (after) return void (await manager.update(NotificationChannelState, { channel }, after));
    await manager.delete(NotificationChannelState, { channel });
    if (before.pausedUntil) this.logger.log({ event: 'channel open again', channel });
  }
}

/** Whether the channel was paused until now, or a little before: else nothing is known of the time between. */
function isOngoing(pausedUntil: Date | null, now: Date): boolean {
  return pausedUntil !== null && pausedUntil.getTime() > now.getTime() - ONGOING_MS;
}

function lock(manager: EntityManager, channel: ChannelName): Promise<NotificationChannelState | null> {
  return manager.findOne(NotificationChannelState, {
    where: { channel },
    lock: { mode: 'pessimistic_write' },
  });
}
