import { Injectable } from '@nestjs/common';
import type Stripe from 'stripe';
import { AppConfig } from '../../platform/config/app-config.js';
import { StripeClient } from '../../platform/stripe/stripe-client.service.js';
import { EventHandlers } from '../handlers/event-handlers.service.js';
import { coverageOf, type Destination } from './endpoint-coverage.js';
import { type Finding, NO_KEY, type WatchdogCheck } from './watchdog-check.js';

const PER_PAGE = 100;

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
    const types = this.handlers.snapshotTypes;
    const endpoints = await webhookEndpoints(sdk);
    const finding = coverageOf(url, endpoints, types);
    if (finding.state === 'ok') return finding;
    // Only now, since a key may have no permission for them.
    return coverageOf(url, [...endpoints, ...(await eventDestinations(sdk))], types);
  }
}

async function webhookEndpoints(sdk: Stripe): Promise<Destination[]> {
  const found: Destination[] = [];
  for await (const { url, status, enabled_events: types } of sdk.webhookEndpoints.list({ limit: PER_PAGE })) {
    found.push({ url, enabled: status === 'enabled', types });
  }
  return found;
}

async function eventDestinations(sdk: Stripe): Promise<Destination[]> {
  const found: Destination[] = [];
  const pages = sdk.v2.core.eventDestinations.list({ limit: PER_PAGE, include: ['webhook_endpoint.url'] });
  for await (const { webhook_endpoint: endpoint, status, enabled_events: types } of pages) {
    found.push({ url: endpoint?.url, enabled: status === 'enabled', types });
  }
  return found;
}
