import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type Stripe from 'stripe';
import { DataSource } from 'typeorm';
import { Clock } from '../../platform/clock.js';
import { StripeClient } from '../../platform/stripe/stripe-client.service.js';
import { customerNamedBy } from '../stripe/stripe-customer.js';
import { EventHandlers } from '../decision/event-handlers.service.js';
import { type Finding, NO_KEY, type WatchdogCheck } from './watchdog-check.js';

/** The longest time that an event may be on its way. */
const DELIVERY_SECONDS = 300;

/** Checks whether the newest event in Stripe's list has arrived. */
@Injectable()
export class NewestEventCheck implements WatchdogCheck {
  readonly name = 'newest_event';

  constructor(
    private readonly stripe: StripeClient,
    private readonly handlers: EventHandlers,
    private readonly clock: Clock,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  async look(): Promise<Finding> {
    const { sdk } = this.stripe;
    if (!sdk) return NO_KEY;
    const lte = Math.floor(this.clock.now().getTime() / 1000) - DELIVERY_SECONDS;
    const { data } = await sdk.events.list({
      types: this.handlers.listedTypes,
      created: { lte },
      limit: 1,
    });
    const [newest] = data;
    if (!newest) return { state: 'ok', detail: 'Stripe has no event of the types that are handled' };
    const { id, type, created } = newest;
    if (await this.hasArrived(newest)) return { state: 'ok', detail: 'The newest event has arrived' };
    const at = new Date(created * 1000).toISOString();
    return { state: 'warning', detail: `${id} (${type}, ${at}) has not arrived` };
  }

  private async hasArrived({ id, type, created, data }: Stripe.Event): Promise<boolean> {
    const [row] = await this.dataSource.query<{ arrived: boolean }[]>(HAS_ARRIVED, [
      id,
      created,
      `v1.${type}`,
      customerNamedBy(data.object),
    ]);
    return row?.arrived === true;
  }
}

/**
 * Finds the event as a snapshot or as its thin twin, which has another id. Our ids contain the time of
 * arrival, so the twin is searched only among the events of an hour, which allows for wrong clocks.
 */
const HAS_ARRIVED = `
  select exists (select from webhook_events where stripe_event_id = $1) or exists (
    select from webhook_events
    where id >= (lpad(to_hex(($2::bigint - 3600) * 1000), 12, '0') || repeat('0', 20))::uuid
      and type = $3 and stripe_customer_id = $4
      and stripe_created_at between to_timestamp($2) - interval '2 seconds' and to_timestamp($2) + interval '2 seconds'
  ) as arrived`;
