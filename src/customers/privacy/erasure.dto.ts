import { IsString, Length } from 'class-validator';

/** The confirmation of an erasure. */
export class EraseDto {
  /** The id of the customer or user, repeated. */
  @IsString()
  @Length(1, 255)
  confirm: string;
}

/** The receipt of a system outside for the erasure of a person. */
export class ErasureReceiptDto {
  connector: string;
  stripeCustomerId: string;
  /** `under_way` until the system answers; `unsupported` if it cannot erase, so that an operator has to. */
  status: 'under_way' | 'accepted' | 'confirmed' | 'refused' | 'unsupported';
  /** A code for why it is under way or refused. */
  reason: string | null;
  requestedAt: Date;
  settledAt: Date | null;
}

/** An erased customer: only ids are left. */
export class ErasureDto {
  stripeCustomerId: string;
  erasedAt: Date;
  /**
   * False while a job still empties events of behaviour, of this person or of one who was erased before (the events
   * belong to no user any more), and while a system outside has not erased the person or has refused to.
   */
  isComplete: boolean;
  /** One for each system outside that knew the person. */
  receipts: ErasureReceiptDto[];
}

/** An erased MINGUS user. */
export class UserErasureDto {
  userId: string;
  /** The user's customers, erased as well. */
  stripeCustomerIds: string[];
  /**
   * False while a job still empties events of behaviour, of this person or of one who was erased before (the events
   * belong to no user any more), and while a system outside has not erased the person or has refused to.
   */
  isComplete: boolean;
  /** One for each customer and each system outside that knew the person. `POST /admin/customers/{id}/erase` shows the newest. */
  receipts: ErasureReceiptDto[];
}

/** All stored data about a person, by table. */
export class PersonalDataDto {
  exportedAt: Date;
  tables: Record<string, Record<string, unknown>[]>;
}
