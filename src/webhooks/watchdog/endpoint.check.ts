import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../platform/config/app-config.js';
import { StripeClient } from '../../platform/stripe/stripe-client.service.js';
import { EventHandlers } from '../handlers/event-handlers.service.js';
import { coverageIn } from './stripe-destinations.js';
import { type Finding, NO_KEY, type WatchdogCheck } from './watchdog-check.js';

/** Whether Stripe delivers here what is handled here: Stripe disables an endpoint that keeps failing. */
@Injectable()
export class EndpointCheck implements WatchdogCheck {
  readonly name = 'endpoint';

  constructor(
    private readonly config: AppConfig,
    private readonly stripe: StripeClient,
    private readonly handlers: EventHandlers,
  ) {}

  async look(): Promise<Finding> {
    const { sdk } = this.stripe;
    if (!sdk) return NO_KEY;
    const url = `${this.config.http.publicUrl}/webhooks/stripe`;
    return coverageIn(sdk, url, this.handlers.snapshotTypes);
  }
}
