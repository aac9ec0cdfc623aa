import { IsOptional, IsString, Matches, MaxLength } from 'class-validator';

/** Opens a session of the billing portal for a user who is logged in to MINGUS. */
export class OpenPortalSessionDto {
  /** Where the portal leads back to: a page of MINGUS. The default is `APP_URL`. */
  @IsOptional()
  @IsString()
  @MaxLength(2000)
  returnUrl?: string;

  /** Which of the user's customers. The default is the first one with access. */
  @IsOptional()
  @Matches(/^cus_[A-Za-z0-9]{1,251}$/, { message: 'stripeCustomerId must look like cus_…' })
  stripeCustomerId?: string;
}

export class PortalSessionDto {
  /** The URL opens the portal without a login for a few minutes. Redirect to it at once and do not store it. */
  url: string;
}
