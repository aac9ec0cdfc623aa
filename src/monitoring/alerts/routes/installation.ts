import { hostname } from 'node:os';
import { Injectable } from '@nestjs/common';
import { HttpSettings } from '../../../platform/http/http.settings.js';
import { ProcessSettings } from '../../../platform/process/process.settings.js';
import { StripeSettings } from '../../../platform/stripe/stripe.settings.js';

/** The installation that reports an alert. */
@Injectable()
export class Installation {
  /** The host of the reporting process. */
  readonly host = hostname();
  readonly publicUrl: string;
  /** `production`, or `production, Stripe test mode` */
  readonly environment: string;

  constructor({ publicUrl }: HttpSettings, { environment }: ProcessSettings, { livemode }: StripeSettings) {
    this.publicUrl = publicUrl;
    this.environment = livemode === false ? `${environment}, Stripe test mode` : environment;
  }
}
