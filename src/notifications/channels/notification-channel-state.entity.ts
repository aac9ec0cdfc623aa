import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { ChannelName } from '../notification-kind.js';

/**
 * The circuit breaker of a channel that had faults, shared by all processes. A channel without a row has no
 * faults.
 */
@Entity('notification_channel_states')
export class NotificationChannelState {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'pk_notification_channel_states' })
  channel: ChannelName;

  /** Consecutive faults. Once the circuit has opened, each success subtracts one until it is closed. */
  @Column('integer')
  failures: number;

  /**
   * Nothing is sent before this time. After it, one message is sent at a time. Null while there were too few
   * faults.
   */
  @Column('timestamptz', { nullable: true })
  pausedUntil: Date | null;

  /** Until this time, another message is being sent as the only one. */
  @Column('timestamptz', { nullable: true })
  probeUntil: Date | null;

  /** The last fault: its reply or error code. */
  @Column('text')
  reason: string;

  /** When the current series of faults began. */
  @Column('timestamptz', { default: () => 'now()' })
  since: Date;
}
