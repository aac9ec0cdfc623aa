import { IsString, Length } from 'class-validator';

/** The confirmation of an erasure. */
export class EraseDto {
  /** The id of the customer or user, repeated. */
  @IsString()
  @Length(1, 255)
  confirm: string;
}

/** An erased customer: only ids are left. */
export class ErasureDto {
  stripeCustomerId: string;
  erasedAt: Date;
  /**
   * False while a job still empties events of behaviour, of this person or of one who was erased before. The events
   * belong to no user any more.
   */
  isComplete: boolean;
}

/** An erased MINGUS user. */
export class UserErasureDto {
  userId: string;
  /** The user's customers, erased as well. */
  stripeCustomerIds: string[];
  /**
   * False while a job still empties events of behaviour, of this person or of one who was erased before. The events
   * belong to no user any more.
   */
  isComplete: boolean;
}

/** All stored data about a person, by table. */
export class PersonalDataDto {
  exportedAt: Date;
  tables: Record<string, Record<string, unknown>[]>;
}
