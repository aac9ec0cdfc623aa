import { IsString, Length } from 'class-validator';

/** That it is meant. */
export class EraseDto {
  /** The id of the customer or user once more. */
  @IsString()
  @Length(1, 255)
  confirm: string;
}

/** A customer of whom only ids are left. */
export class ErasureDto {
  stripeCustomerId: string;
  erasedAt: Date;
}

/** A MINGUS user who is not known here any more. */
export class UserErasureDto {
  userId: string;
  /** Their customers, erased with them. */
  stripeCustomerIds: string[];
}

/** All that is stored of a person, by table. */
export class PersonalDataDto {
  exportedAt: Date;
  tables: Record<string, Record<string, unknown>[]>;
}
