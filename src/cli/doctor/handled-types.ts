import { DecisionModule } from '../../webhooks/decision/decision.module.js';
import { isSnapshotType } from '../../webhooks/decision/event-handlers.service.js';
import { HandlesStripeEvents } from '../../webhooks/decision/stripe-event-handler.js';

/** The types of Stripe's snapshot events that have a handler, read without starting the application. */
export function handledTypes(): string[] {
  const providers: unknown[] = Reflect.getMetadata('providers', DecisionModule);
  return providers
    .filter((provider) => typeof provider === 'function')
    .flatMap(
      (provider) => (Reflect.getMetadata(HandlesStripeEvents.KEY, provider) ?? []) as string | string[],
    )
    .filter(isSnapshotType);
}
