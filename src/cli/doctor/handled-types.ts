/** The types of Stripe's snapshot events that have a handler, without an application that knows them. */
export async function handledTypes(): Promise<string[]> {
  const { WebhooksModule } = await import('../../webhooks/webhooks.module.js');
  const { HandlesStripeEvents } = await import('../../webhooks/handlers/stripe-event-handler.js');
  const { isSnapshotType } = await import('../../webhooks/handlers/event-handlers.service.js');
  const providers: unknown[] = Reflect.getMetadata('providers', WebhooksModule);
  return providers
    .filter((provider) => typeof provider === 'function')
    .flatMap(
      (provider) => (Reflect.getMetadata(HandlesStripeEvents.KEY, provider) ?? []) as string | string[],
    )
    .filter(isSnapshotType);
}
