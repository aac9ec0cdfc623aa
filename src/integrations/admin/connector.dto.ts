import { ApiProperty } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsIn,
  IsNumber,
  IsInt,
  IsObject,
  IsString,
  Matches,
  Max,
  Min,
  ValidateIf,
} from 'class-validator';
import { IsOmittable } from '../../platform/http/is-omittable.decorator.js';
import { FACT_TYPE_NAMES, type FactTypeName } from '../../events/integrations/fact-types.js';

const ANY_OBJECT = { type: Object } as const;
const SCALAR = {
  anyOf: [{ type: 'string', nullable: true }, { type: 'number' }, { type: 'boolean' }],
};

/** What can be changed about a connector. */
export class EditConnectorDto {
  /**
   * The settings that the system declares. Those that are given replace the present ones. With another address, all stored
   * secrets must be given again.
   */
  @IsOmittable()
  @IsObject()
  @ApiProperty({ ...ANY_OBJECT, required: false })
  settings?: Record<string, string | number | boolean>;

  /** Name → secret, or a reference such as `env:SECRET_HUBSPOT_TOKEN`. They are never shown. */
  @IsOmittable()
  @IsObject()
  @ApiProperty({ ...ANY_OBJECT, required: false, writeOnly: true })
  secrets?: Record<string, string>;

  /** Whether persons are kept up to date in the system. */
  @IsOmittable()
  @IsBoolean()
  sendsPeople?: boolean;

  /** Types of facts that are sent as events. */
  @IsOmittable()
  @IsArray()
  @ArrayUnique()
  @ArrayMaxSize(100)
  @IsIn(FACT_TYPE_NAMES, { each: true })
  @ApiProperty({ enum: FACT_TYPE_NAMES, isArray: true, required: false })
  events?: FactTypeName[];

  /**
   * At most so many requests a second; 0 for no limit, null for the usual rate of the system. What the system's own
   * headers say wins over it.
   */
  @ValidateIf((_, value) => value !== undefined && value !== null)
  @IsNumber({ allowInfinity: false, allowNaN: false })
  @Min(0)
  @Max(10_000)
  requestsPerSecond?: number | null;

  /** How many attempts are made per day of UTC; null for no cap. They are counted while there is a cap. */
  @ValidateIf((_, value) => value !== undefined && value !== null)
  @IsInt()
  @Min(1)
  @Max(100_000_000)
  maxPerDay?: number | null;

  /** Target field → rule. It makes a new version. */
  @IsOmittable()
  @IsObject()
  @ApiProperty({ ...ANY_OBJECT, required: false })
  mapping?: Record<string, unknown>;
}

/** A new connector. It is disabled at first. */
export class CreateConnectorDto extends EditConnectorDto {
  /** Lower-case letters, digits, `-` and `_`; not `systems`. It stays. */
  @IsString()
  @Matches(/^(?!systems$)[a-z0-9][a-z0-9_-]{0,62}$/)
  name: string;

  /** A name from the list of systems. */
  @IsString()
  @Matches(/^[a-z0-9][a-z0-9_-]{0,62}$/)
  system: string;
}

/** A mapping to try. */
export class MappingDto {
  @IsObject()
  @ApiProperty(ANY_OBJECT)
  mapping: Record<string, unknown>;
}

/** Whether a connector gets through. */
export class ConnectorStateDto {
  /** `disabled`, `works`, `failing` (some faults), `paused` (after faults, until ten minutes after the pause) or `capped` (until the next day of UTC). */
  state: 'disabled' | 'works' | 'failing' | 'paused' | 'capped';
  /** The last fault; null while there is none. */
  fault: string | null;
  faultSince: Date | null;
  pausedUntil: Date | null;
  /** When the cap lets deliveries through again; null while it has not been reached. */
  cappedUntil: Date | null;
  lastSuccessAt: Date | null;
}

/** How many deliveries there are. */
export class DeliveryCountsDto {
  queued: number;
  delivering: number;
  held: number;
  rejected: number;
  /** When the oldest of those that wait was queued. */
  oldestQueuedAt: Date | null;
  /** Attempts since midnight in UTC; null without a cap. */
  attemptsToday: number | null;
  /** Those that were queued within 24 hours, by status. */
  @ApiProperty({ type: 'object', additionalProperties: { type: 'integer' } })
  lastDay: Record<string, number>;
}

/** A connector. */
export class ConnectorDto {
  name: string;
  system: string;
  enabled: boolean;
  /** Facts from this time on are delivered. */
  enabledAt: Date | null;
  @ApiProperty(ANY_OBJECT)
  settings: Record<string, string | number | boolean>;
  /** Name → where the secret is: `environment`, `stored` or `missing`. */
  @ApiProperty({ type: 'object', additionalProperties: { type: 'string' } })
  secrets: Record<string, 'environment' | 'stored' | 'missing'>;
  sendsPeople: boolean;
  events: string[];
  maxPerDay: number | null;
  requestsPerSecond: number | null;
  /** The account in the system that it has delivered to; null before the first delivery. */
  account: string | null;
  mappingVersion: number;
  @ApiProperty(ANY_OBJECT)
  mapping: object;
  state: ConnectorStateDto;
  deliveries: DeliveryCountsDto;
}

/** A field of a form. */
export class ConnectorFieldDto {
  name: string;
  label: string;
  kind: 'text' | 'url' | 'number' | 'flag' | 'secret';
  @ApiProperty(SCALAR)
  default: string | number | boolean | null;
  /** The only values; null if there are others. */
  choices: string[] | null;
}

/** A system that connectors can be made for. */
export class SystemDto {
  system: string;
  family: string;
  title: string;
  capabilities: string[];
  fields: ConnectorFieldDto[];
  /** The mapping of a new connector. */
  @ApiProperty(ANY_OBJECT)
  mapping: object;
}

/** A field that a request changes. */
export class PlannedChangeDto {
  field: string;
  @ApiProperty(SCALAR)
  current: string | number | boolean | null;
  @ApiProperty(SCALAR)
  next: string | number | boolean | null;
}

/** The exact request for a customer, with its secrets masked. */
export class PlanDto {
  stripeCustomerId: string;
  /** `request`, or why none would be sent: `unchanged`, `cancelled` or `rejected` with a reason. */
  outcome: 'request' | 'unchanged' | 'cancelled' | 'rejected';
  reason: string | null;
  @ApiProperty({ ...ANY_OBJECT, nullable: true })
  request: object | null;
  /** What the request changes, read from the system now; null if it cannot be read. */
  changes: PlannedChangeDto[] | null;
  /** Why the present fields could not be read; null if they were, or if the system does not show them. */
  readFault: string | null;
}

/** A field that a new mapping would write differently for a new person. */
export class FieldChangeDto {
  field: string;
  /** When the new mapping writes it for a known person; null if it does not. */
  when: 'always' | 'onCreate' | 'ifEmpty' | null;
  @ApiProperty(SCALAR)
  before: string | number | boolean | null;
  @ApiProperty(SCALAR)
  after: string | number | boolean | null;
}

/** What a mapping would change for one customer. */
export class MappingChangeDto {
  stripeCustomerId: string;
  /** Why the new mapping fails; null if it does not. */
  error: string | null;
  changes: FieldChangeDto[];
}

/** What an operator wants to know about a connector at work. */
export class ConnectorHealthDto {
  /** `unreachable`: there was no answer. */
  credential: 'accepted' | 'refused' | 'unknown' | 'unreachable';
  missingScopes: string[];
  missingFields: string[];
  @ApiProperty({ ...ANY_OBJECT, nullable: true })
  quota: object | null;
  /** The system's own id of the account; null if it does not say. */
  account: string | null;
  detail: string | null;
}
