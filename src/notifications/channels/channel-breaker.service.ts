import { Injectable, Logger } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { ChannelName } from '../notification-kind.js';
import { afterFault, afterSuccess, type ChannelFault } from '../../platform/delivery/circuit.js';
import { NotificationChannelState } from './notification-channel-state.entity.js';

const ONGOING_MS = 600_000;

/** Keeps the circuit of each channel in the database, so that all processes share it. */
@Injectable()
export class ChannelBreaker {
  private readonly logger = new Logger('notifications');

  /**
   * @param isRepeated whether the same message has met a fault before
   * @returns until when the channel is paused now; null if it is not paused
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
    if (after.failures === 0 && after.pausedUntil === null) {
      await manager.delete(NotificationChannelState, { channel });
      return null;
    }
    const since = isOngoing(before?.pausedUntil ?? null, now) ? {} : { since: now };
    await manager.update(NotificationChannelState, { channel }, { ...after, ...since, reason });
    const { failures, pausedUntil } = after;
    if (pausedUntil && pausedUntil.getTime() !== before?.pausedUntil?.getTime()) {
      this.logger.error({ event: 'channel paused', channel, fault, reason, failures, pausedUntil });
    }
    return pausedUntil;
  }

  /** Closes the circuit step by step. Call it only if the circuit is known not to be closed. */
  async recordSuccess(manager: EntityManager, channel: ChannelName): Promise<void> {
    const before = await lock(manager, channel);
    if (!before) return;
    const after = afterSuccess(before);
    if (after) return void (await manager.update(NotificationChannelState, { channel }, after));
    await manager.delete(NotificationChannelState, { channel });
    if (before.pausedUntil) this.logger.log({ event: 'channel open again', channel });
  }
}

/** Whether the channel was paused until now or shortly before. Otherwise its state in between is unknown. */
function isOngoing(pausedUntil: Date | null, now: Date): boolean {
  return pausedUntil !== null && pausedUntil.getTime() > now.getTime() - ONGOING_MS;
}

function lock(manager: EntityManager, channel: ChannelName): Promise<NotificationChannelState | null> {
  return manager.findOne(NotificationChannelState, {
    where: { channel },
    lock: { mode: 'pessimistic_write' },
  });
}
