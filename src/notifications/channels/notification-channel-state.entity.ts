import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { ChannelName } from '../notification-kind.js';

/** The circuit breaker of a channel that had faults, one for all processes. Without a row all is well. */
@Entity('notification_channel_states')
export class NotificationChannelState {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'pk_notification_channel_states' })
  channel: ChannelName;

  /** Faults in a row; once the circuit has opened, successes take away one each until it is closed. */
  @Column('integer')
  failures: number;

  /** Until then nothing is sent; after it, one message at a time. Null while there were too few faults. */
  @Column('timestamptz', { nullable: true })
  pausedUntil: Date | null;

  /** Until then the one message at a time is another's. */
  @Column('timestamptz', { nullable: true })
  probeUntil: Date | null;

  /** The last fault: its reply or error code. */
  @Column('text')
  reason: string;

  /** When the first fault came after which it was never well for long. */
  @Column('timestamptz', { default: () => 'now()' })
  since: Date;
}
