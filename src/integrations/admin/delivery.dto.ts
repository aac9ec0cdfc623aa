import { IntersectionType } from '@nestjs/swagger';
import { IsIn, IsString, Length } from 'class-validator';
import { IsOmittable } from '../../platform/http/is-omittable.decorator.js';
import { PageQuery } from '../../platform/http/page.dto.js';
import { DELIVERY_KINDS, type DeliveryKind } from '../connectors/connector.js';
import type { AttemptResult } from '../deliveries/delivery-attempt.entity.js';
import { DELIVERY_STATUSES, type DeliveryStatus } from '../deliveries/delivery.entity.js';

/** Selects the deliveries that meet all given conditions. */
class DeliveryFilterDto {
  /** Name of the connector. */
  @IsOmittable()
  @IsString()
  @Length(1, 63)
  connector?: string;

  /** What the system is asked to do. */
  @IsOmittable()
  @IsIn(DELIVERY_KINDS)
  kind?: DeliveryKind;

  /** A code, such as `mapping_error`. */
  @IsOmittable()
  @IsString()
  @Length(1, 100)
  reason?: string;

  /** Stripe's id of the customer. */
  @IsOmittable()
  @IsString()
  @Length(1, 255)
  stripeCustomerId?: string;
}

/** The deliveries to list. */
export class DeliveriesQuery extends IntersectionType(DeliveryFilterDto, PageQuery) {
  /** `held`: the outcome is unknown, and an operator decides. `skipped`: its connector was disabled. */
  @IsOmittable()
  @IsIn(DELIVERY_STATUSES)
  status?: DeliveryStatus;
}

/** The deliveries to act on. */
export class BulkDeliveriesDto extends DeliveryFilterDto {
  @IsIn(['resend', 'cancel'])
  act: 'resend' | 'cancel';

  @IsIn(DELIVERY_STATUSES)
  status: DeliveryStatus;
}

/** What a bulk act comes to. */
export class BulkDeliveriesResultDto {
  /** How many deliveries matched. */
  matching: number;
  /** How many of them were changed within the request. */
  done: number;
  /** Whether a job changes them, because they are more than 1,000. */
  isRunning: boolean;
}

/** An effect in a system outside. */
export class DeliveryDto {
  id: string;
  connector: string;
  customerId: string;
  kind: DeliveryKind;
  /** The id of what caused it: of a row of the outbox, a step of an automation, or a backfill. */
  occurrence: string;
  status: DeliveryStatus;
  isBackfill: boolean;
  attempts: number;
  /** Null once it has ended. */
  nextAttemptAt: Date | null;
  /** A code for why it waits or ended. */
  reason: string | null;
  /** What the system answered, shortened. */
  detail: string | null;
  /** The system's id of what an action created, such as a ticket. */
  foreignId: string | null;
  /** When the last attempt began. */
  triedAt: Date | null;
  createdAt: Date;
  updatedAt: Date;
  endedAt: Date | null;
}

/** One attempt to make a delivery. */
export class DeliveryAttemptDto {
  attemptedAt: Date;
  /** `unsendable`: nothing could be sent. */
  result: AttemptResult;
  /** Why, in one word; null if it arrived. */
  code: string | null;
  /** What the system answered, shortened, without secrets and personal data. */
  detail: string | null;
  /** How long the batch took that the delivery was part of. */
  durationMs: number;
}

/** A delivery with its history. */
export class DeliveryDetailsDto extends DeliveryDto {
  /** The newest 100 attempts, newest first. They are kept for a shorter time than the delivery. */
  history: DeliveryAttemptDto[];
}

/** A page of deliveries, newest first. */
export class DeliveryPageDto {
  items: DeliveryDto[];
  nextCursor: string | null;
}
