import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { NotificationChannel } from './notification-kind.js';

/** A channel paused for all processes because of a fault that no retry mends (wrong password, TLS). */
@Entity('notification_channel_states')
export class NotificationChannelState {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'pk_notification_channel_states' })
  channel: NotificationChannel;

  @Column('timestamptz')
  pausedUntil: Date;

  @Column('text')
  reason: string;
}
