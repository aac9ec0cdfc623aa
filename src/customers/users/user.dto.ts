import { Transform } from 'class-transformer';
import { IsOptional, IsString, Length, Matches, MaxLength } from 'class-validator';
import { IsMailAddress } from '../../platform/http/is-mail-address.decorator.js';
import { IsTime } from '../../platform/http/is-time.decorator.js';

/** A MINGUS user to register with this service. */
export class CreateUserDto {
  /** MINGUS's id of the user, as in `mingus_user_id` of Stripe's metadata; 1 to 64 characters. */
  @IsString()
  @Length(1, 64)
  @Matches(/^\S(.*\S)?$/, { message: 'id must not start or end with white space' })
  @Matches(/^\P{Cc}*$/u, { message: 'id must not contain control characters' })
  id: string;

  @IsMailAddress()
  @MaxLength(254)
  email: string;

  @IsString()
  @Length(1, 200)
  @Transform(({ value }) =>
    typeof value === 'string' ? value.toWellFormed().replaceAll('\u0000', '\uFFFD') : value,
  )
  name: string;

  /** When the user joined MINGUS (ISO 8601), now by default. New users get the onboarding guide. */
  @IsOptional()
  @IsTime()
  createdAt?: Date;
}

export class UserDto {
  id: string;
  email: string;
  name: string | null;
  createdAt: Date;
}
