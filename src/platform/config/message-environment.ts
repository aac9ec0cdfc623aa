import { AccessEnvironment } from './access-environment.js';
import 'reflect-metadata';
import { Type } from 'class-transformer';
import { IsEmail, IsIn, IsInt, IsOptional, Matches, Max, Min } from 'class-validator';
import {
  IsColor,
  IsEmailAddress,
  IsHost,
  IsLine,
  IsListOf,
  IsMailFrom,
  IsPrivateKey,
  IsPublicUrl,
  IsQuietHours,
  IsSpokenLocale,
  IsSecretKey,
  RequiredInProduction,
} from './environment-validators.js';

/** What a new customer gets, once per user and channel, for ever. */
export const ONBOARDING_KINDS = ['welcome', 'onboarding_guide', 'portal_access'] as const;
export const NOTIFICATION_KINDS = [...ONBOARDING_KINDS, 'portal_link'] as const;
/** Every channel has a class of its own: `@DeliversChannel('email')`. */
export const CHANNELS = ['email', 'in_app'] as const;

/** The variables of messages: how they look, and how they leave. */
export class MessageEnvironment extends AccessEnvironment {
  @RequiredInProduction()
  @IsHost()
  SMTP_SERVER?: string;

  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(65_535)
  SMTP_PORT: number = 587;

  @IsOptional()
  @Matches(/^\S(.*\S)?$/, { message: '$property must not start or end with white space' })
  SMTP_USERNAME?: string;

  @IsOptional()
  @Matches(/^\S(.*\S)?$/, { message: '$property must not start or end with white space' })
  SMTP_PASSWORD?: string;

  @IsIn(['auto', 'opportunistic', 'required', 'implicit'])
  SMTP_TLS: string = 'auto';

  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(50)
  SMTP_MAX_CONNECTIONS: number = 2;

  @IsOptional()
  @IsHost()
  DKIM_DOMAIN?: string;

  @IsOptional()
  @IsHost()
  DKIM_SELECTOR?: string;

  @IsOptional()
  @IsPrivateKey()
  DKIM_PRIVATE_KEY?: string;

  @IsOptional()
  DKIM_PRIVATE_KEY_FILE?: string;

  @IsOptional()
  @IsEmail({ require_tld: false })
  BOUNCE_ADDRESS?: string;

  @IsOptional()
  @IsSecretKey()
  MAIL_WEBHOOK_SECRET?: string;

  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(80)
  DELIVERY_TIMEOUT_SECONDS: number = 60;

  @IsOptional()
  @IsListOf(NOTIFICATION_KINDS)
  HOLD_UNKNOWN_KINDS?: string;

  @IsQuietHours()
  QUIET_HOURS: string = '21:00-08:00';

  @Type(() => Number)
  @IsInt()
  @Min(0)
  @Max(1_000_000)
  MAIL_MAX_PER_RECIPIENT_DAY: number = 20;

  @Type(() => Number)
  @IsInt()
  @Min(0)
  @Max(1_000_000)
  MAIL_MAX_PER_DOMAIN_HOUR: number = 500;

  @Type(() => Number)
  @IsInt()
  @Min(0)
  @Max(1_000_000)
  MAIL_MAX_PER_DOMAIN_DAY: number = 2000;

  @IsOptional()
  @Matches(/^[\w-]+(\.[\w-]+)+(,[\w-]+(\.[\w-]+)+)*$/, {
    message: '$property must be comma-separated domains such as example.com,example.org',
  })
  MAIL_CAP_EXEMPT_DOMAINS?: string;

  @RequiredInProduction()
  @IsMailFrom()
  MAIL_FROM?: string;

  @IsLine(60)
  BRAND_NAME: string = 'MINGUS';

  @IsOptional()
  @IsPublicUrl()
  BRAND_LOGO_URL?: string;

  @IsColor()
  BRAND_COLOR: string = '#0b6e4f';

  @IsOptional()
  @IsEmailAddress()
  SUPPORT_EMAIL?: string;

  @IsOptional()
  @IsLine(200)
  POSTAL_ADDRESS?: string;

  @IsSpokenLocale()
  DEFAULT_LOCALE: string = 'en';

  @IsListOf(CHANNELS)
  NOTIFICATION_CHANNELS: string = 'email';
}
