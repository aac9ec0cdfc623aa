import { IsOptional, IsString, Matches, MaxLength } from 'class-validator';

/** A session of the billing portal for a user who is logged in to MINGUS. */
export class OpenPortalSessionDto {
  /** Where the portal leads back to: a page of MINGUS (`APP_URL`), which is the default. */
  @IsOptional()
  @IsString()
  @MaxLength(2000)
  returnUrl?: string;

  /** Which of the user's customers; the first one with access when missing. */
  @IsOptional()
  @Matches(/^cus_[A-Za-z0-9]{1,251}$/, { message: 'stripeCustomerId must look like cus_…' })
  stripeCustomerId?: string;
}

export class PortalSessionDto {
  /** Lets in whoever opens it, for a few minutes: redirect to it at once, do not store it. */
  url: string;
}
