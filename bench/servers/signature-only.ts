import { verifyStripeSignature } from '../../src/webhooks/stripe/stripe-signature.js';
import { WEBHOOK_SECRET } from '../load/event.js';
import { serveWebhooks } from './webhook-server.js';

/** The ceiling: verifies the signature, parses the event, stores nothing. */
await serveWebhooks((body, signature) => {
  const { valid } = verifyStripeSignature(signature, body, [WEBHOOK_SECRET], new Date());
  if (!valid) throw new Error('Invalid signature');
  const event = JSON.parse(body.toString()) as { id: string };
  return { success: true, received: event.id };
});
