import { Column, Entity, Generated, Index, PrimaryColumn } from 'typeorm';
import { bigintTransformer } from '../../platform/database/bigint-transformer.js';

const PRIMARY_KEY = 'pk_behaviour_events';

/**
 * Something that a person did, or that happened to them. The table is partitioned by month of `occurredAt` (UTC). Events
 * of one time are in the order of their `eventId`.
 */
@Entity('behaviour_events')
@Index('idx_behaviour_events_message_key', ['messageKey'])
@Index('idx_behaviour_events_late', ['messageKey'], {
  where: `recorded_at - occurred_at > '1 day'::interval`,
})
@Index('idx_behaviour_events_name', ['name', 'occurredAt', 'eventId', 'personId'])
@Index('idx_behaviour_events_person_id', ['personId', 'name', 'occurredAt'])
@Index('idx_behaviour_events_anonymous_id', ['anonymousId'], { where: 'person_id is null' })
export class BehaviourEvent {
  /** When it happened, with the skew of the client's clock removed. */
  @PrimaryColumn('timestamptz', { primaryKeyConstraintName: PRIMARY_KEY })
  occurredAt: Date;

  @PrimaryColumn('bigint', { primaryKeyConstraintName: PRIMARY_KEY, transformer: bigintTransformer })
  @Generated('increment')
  eventId: number;

  /** When it was written down here. */
  @Column('timestamptz', { default: () => 'now()' })
  recordedAt: Date;

  /** Digest of the `messageId` and its sender, by which a repetition is recognised for 30 days. */
  @Column('uuid')
  messageKey: string;

  /** Null while only an anonymous id is known. Such events count nowhere until an identify or alias names the user. */
  @Column('bigint', { nullable: true, transformer: bigintTransformer })
  personId: number | null;

  /** Only of an event that waits: `anonymous_ids` has those of known people. */
  @Column('text', { nullable: true })
  anonymousId: string | null;

  /** `track`, `page`, `screen`, `identify`, `group`, `alias` (from MINGUS) or `fact` (from this service). */
  @Column('text')
  type: string;

  /** The name of a tracked event or fact, else `$page`, `$screen`, `$identify`, `$group` or `$alias`. */
  @Column('text')
  name: string;

  @Column('jsonb')
  properties: Record<string, unknown>;

  /** Where the event came from: campaign, page, referrer, locale, library. */
  @Column('jsonb')
  context: Record<string, unknown>;
}
