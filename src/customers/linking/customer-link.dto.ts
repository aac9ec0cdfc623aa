import { IsString, Length } from 'class-validator';

/** The user to link a customer to. */
export class LinkCustomerDto {
  /** MINGUS's id of the user. */
  @IsString()
  @Length(1, 64)
  userId: string;
}

/** The user that a customer is linked to now, and the changes made. */
export class CustomerLinkDto {
  stripeCustomerId: string;
  userIdBefore: string | null;
  /** Null: the customer has no user. */
  userId: string | null;
  /** The changes made. Empty if the customer was already linked to this user, or already unlinked. */
  changes: string[];
}
