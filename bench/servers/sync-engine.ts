import { WEBHOOK_SECRET } from '../load/event.js';
import { requirePeer } from '../peers.js';
import { serveWebhooks } from './webhook-server.js';

interface SyncEngine {
  StripeSync: new (config: object) => { processWebhook(body: Buffer, signature: string): Promise<void> };
  runMigrations(config: object): Promise<void>;
}

/** `@supabase/stripe-sync-engine` as its README sets it up: one upsert per event, pool of 10. */
const { StripeSync, runMigrations } = requirePeer('@supabase/stripe-sync-engine') as SyncEngine;
const url = process.env.DATABASE_URL;
await runMigrations({ databaseUrl: url, schema: 'stripe' });
const sync = new StripeSync({
  poolConfig: { connectionString: url, max: 10 },
  stripeSecretKey: 'sk_test_bench',
  stripeWebhookSecret: WEBHOOK_SECRET,
  // Both options call Stripe's API for data that the event does not hold.
  autoExpandLists: false,
  backfillRelatedEntities: false,
});

await serveWebhooks(async (body, signature) => {
  await sync.processWebhook(body, signature);
  return { received: true };
});
