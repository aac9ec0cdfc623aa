import { isSnapshotType } from '../../webhooks/handlers/event-handlers.service.js';
import { HandlesStripeEvents } from '../../webhooks/handlers/stripe-event-handler.js';
import { WebhooksModule } from '../../webhooks/webhooks.module.js';

/** The types of Stripe's snapshot events that have a handler, without an application that knows them. */
export function handledTypes(): string[] {
  const providers: unknown[] = Reflect.getMetadata('providers', WebhooksModule);
  return providers
    .filter((provider) => typeof provider === 'function')
    .flatMap(
      (provider) => (Reflect.getMetadata(HandlesStripeEvents.KEY, provider) ?? []) as string | string[],
    )
    .filter(isSnapshotType);
}
