import { Transform, Type as Convert } from 'class-transformer';
import { IsDate, IsEmail, IsOptional, IsString, Length, Matches, MaxLength } from 'class-validator';

/** A MINGUS user to be known to this service. */
export class CreateUserDto {
  /** MINGUS's id, the one that `mingus_user_id` in Stripe's metadata names; 1 to 64 characters. */
  @IsString()
  @Length(1, 64)
  @Matches(/^\S(.*\S)?$/, { message: 'id must not start or end with white space' })
  @Matches(/^\P{Cc}*$/u, { message: 'id must not contain control characters' })
  id: string;

  @IsEmail()
  @MaxLength(254)
  email: string;

  @IsString()
  @Length(1, 200)
  @Transform(({ value }) =>
    typeof value === 'string' ? value.toWellFormed().replaceAll('\u0000', '\uFFFD') : value,
  )
  name: string;

  /** When the user joined MINGUS (ISO 8601); decides who gets the onboarding guide. Now, if missing. */
  @IsOptional()
  @Convert(() => Date)
  @IsDate()
  createdAt?: Date;
}

export class UserDto {
  id: string;
  email: string;
  name: string | null;
  createdAt: Date;
}
