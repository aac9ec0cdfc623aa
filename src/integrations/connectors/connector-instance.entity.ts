import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { FactTypeName } from '../../events/integrations/fact-types.js';

/** The columns of the circuit breaker without a fault. */
export const CLOSED_CIRCUIT = {
  failures: 0,
  pausedUntil: null,
  probeUntil: null,
  fault: null,
  faultSince: null,
} as const;

/** An instance of a connector: a system with its settings, secrets and mapping. */
@Entity('connectors')
export class ConnectorInstance {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'pk_connectors' })
  name: string;

  /** The name in `@Connects`. */
  @Column('text')
  system: string;

  @Column('boolean')
  enabled: boolean;

  /**
   * When it was enabled first. Facts from this time on are delivered, or skipped while it is disabled; earlier ones are
   * covered by a backfill. Null while it was never enabled.
   */
  @Column('timestamptz', { nullable: true })
  enabledAt: Date | null;

  @Column('jsonb')
  settings: Record<string, string | number | boolean>;

  /** Name → a reference to the environment, or an encrypted secret. */
  @Column('jsonb')
  secrets: Record<string, string>;

  /**
   * The account in the system that the links belong to: the system's id of it, or its address if the system does not say.
   * Null before the first delivery.
   */
  @Column('text', { nullable: true })
  account: string | null;

  /** A digest of the settings and secrets that are known to open this account. After a change, the system is asked. */
  @Column('text', { nullable: true })
  accountCheckedFor: string | null;

  /** Whether persons are kept up to date in the system. */
  @Column('boolean')
  sendsPeople: boolean;

  /** Facts that are sent as events. */
  @Column('jsonb')
  events: FactTypeName[];

  @Column('integer')
  mappingVersion: number;

  /** The circuit breaker, shared by all processes (`platform/delivery/circuit.ts`). */
  @Column('integer')
  failures: number;

  @Column('timestamptz', { nullable: true })
  pausedUntil: Date | null;

  @Column('timestamptz', { nullable: true })
  probeUntil: Date | null;

  /** The last fault, in one word; null while there is none. `auth …` and `quota …` are about the credential. */
  @Column('text', { nullable: true })
  fault: string | null;

  /** When the present series of faults began. */
  @Column('timestamptz', { nullable: true })
  faultSince: Date | null;

  @Column('timestamptz', { nullable: true })
  lastSuccessAt: Date | null;

  /** The rate of its requests; 0 for none, null for that of the system. The system's own headers win over it. */
  @Column('real', { nullable: true })
  requestsPerSecond: number | null;

  /** How many attempts are made per day of UTC; null without a cap. */
  @Column('integer', { nullable: true })
  maxPerDay: number | null;

  /** When the cap lets deliveries through again; null while it has not been reached. */
  @Column('timestamptz', { nullable: true })
  cappedUntil: Date | null;

  /** When backfills go on; null while they have not used up their part of the cap. */
  @Column('timestamptz', { nullable: true })
  backfillsCappedUntil: Date | null;

  @Column('timestamptz')
  createdAt: Date;

  @Column('timestamptz')
  updatedAt: Date;
}
