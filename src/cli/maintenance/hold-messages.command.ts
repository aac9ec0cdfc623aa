import type { INestApplicationContext } from '@nestjs/common';
import type { Output } from '../output.js';
import { EXIT } from '../task.js';
import { DeliveryOperations } from '../../integrations/operations/delivery-operations.service.js';
import { OutboxRelay } from '../../integrations/outbox/outbox-relay.service.js';
import { NotificationOperations } from '../../notifications/notification-operations.service.js';

/** Holds all queued messages and deliveries, also those of facts that wait in the outbox, and prints their numbers. */
export async function holdMessages(
  app: INestApplicationContext,
  _args: object,
  output: Output,
): Promise<number> {
  const count = await app.get(NotificationOperations, { strict: false }).holdQueued();
  await app.get(OutboxRelay, { strict: false }).run();
  const deliveries = await app.get(DeliveryOperations, { strict: false }).holdQueued();
  output.line(`${count} messages are held; resend each that was not sent (see docs/production.md)`);
  output.line(`${deliveries} deliveries to connectors are held`);
  output.document({ held: count, heldDeliveries: deliveries });
  return EXIT.done;
}
