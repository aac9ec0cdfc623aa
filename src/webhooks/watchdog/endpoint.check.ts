import { Injectable } from '@nestjs/common';
import { HttpSettings } from '../../platform/http/http.settings.js';
import { StripeClient } from '../../platform/stripe/stripe-client.service.js';
import { EventHandlers } from '../decision/event-handlers.service.js';
import { coverageIn } from './stripe-destinations.js';
import { type Finding, NO_KEY, type WatchdogCheck } from './watchdog-check.js';

/**
 * Checks whether Stripe delivers all handled types to this service. Stripe disables an endpoint that keeps
 * failing.
 */
@Injectable()
export class EndpointCheck implements WatchdogCheck {
  readonly name = 'endpoint';

  constructor(
    private readonly http: HttpSettings,
    private readonly stripe: StripeClient,
    private readonly handlers: EventHandlers,
  ) {}

  async look(): Promise<Finding> {
    const { sdk } = this.stripe;
    if (!sdk) return NO_KEY;
    const url = `${this.http.publicUrl}/webhooks/stripe`;
    return coverageIn(sdk, url, this.handlers.snapshotTypes);
  }
}
