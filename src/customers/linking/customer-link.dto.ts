import { IsString, Length } from 'class-validator';

/** Whom a customer shall belong to. */
export class LinkCustomerDto {
  /** MINGUS's id of the user. */
  @IsString()
  @Length(1, 64)
  userId: string;
}

/** Whom a customer belongs to now, and what that took. */
export class CustomerLinkDto {
  stripeCustomerId: string;
  userIdBefore: string | null;
  /** Null: nobody. */
  userId: string | null;
  /** What was done; empty where the customer was linked, or unlinked, like this already. */
  changes: string[];
}
