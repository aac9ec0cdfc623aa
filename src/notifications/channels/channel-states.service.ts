import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { OperatorActed } from '../../events/operator-acted.event.js';
import { inTransaction } from '../../platform/database/transaction.js';
import type { ChannelName } from '../notification-kind.js';
import { NotificationChannelState } from './notification-channel-state.entity.js';
import { Facts } from '../../platform/facts/facts.service.js';

/** Shows operators the circuits of channels, and closes them on request. */
@Injectable()
export class ChannelStates {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly facts: Facts,
  ) {}

  /** The channels that have had faults. No faults are known of the others. */
  list(): Promise<NotificationChannelState[]> {
    return this.dataSource.manager.find(NotificationChannelState, { order: { channel: 'ASC' } });
  }

  /**
   * Deletes the faults of a channel, so that its messages are tried again before the pause ends.
   * @returns the state before; null if it had no faults
   */
  async resume(channel: ChannelName): Promise<NotificationChannelState | null> {
    return inTransaction(this.dataSource, async (manager) => {
      const lock = { mode: 'pessimistic_write' } as const;
      const state = await manager.findOne(NotificationChannelState, { where: { channel }, lock });
      if (!state) return null;
      await manager.delete(NotificationChannelState, { channel });
      const object = { type: 'channel', id: channel };
      await this.facts.record(
        manager,
        new OperatorActed('channel.resumed', object, { reason: state.reason }),
      );
      return state;
    });
  }
}
