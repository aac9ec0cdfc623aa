import type { Type } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { AnalyticsListener } from '../../src/analytics/analytics.listener.js';
import { AuditListener } from '../../src/audit/audit.listener.js';
import { Customer } from '../../src/customers/customer.entity.js';
import { CustomersListener } from '../../src/customers/customers.listener.js';
import { User } from '../../src/customers/users/user.entity.js';
import { ENTITIES } from '../../src/entities.js';
import type { CustomerCreated } from '../../src/events/customers/customer-created.event.js';
import { LifecycleListener } from '../../src/lifecycle/lifecycle.listener.js';
import type { Facts } from '../../src/platform/facts/facts.service.js';
import { NotificationsListener } from '../../src/notifications/notifications.listener.js';
import { AnalyticsSettings } from '../../src/analytics/analytics.settings.js';
import { CustomersSettings } from '../../src/customers/customers.settings.js';
import { NotificationsSettings } from '../../src/notifications/notifications.settings.js';
import { DatabaseSettings } from '../../src/platform/database/database.settings.js';
import { I18nSettings } from '../../src/platform/i18n/i18n.settings.js';
import { readEnvironment } from '../../src/settings.js';
import { WebhooksSettings } from '../../src/webhooks/webhooks.settings.js';
import { SnakeNamingStrategy } from '../../src/platform/database/snake-naming-strategy.js';
import { UnitOfWork } from '../../src/platform/unit-of-work/unit-of-work.js';
import { PortalListener } from '../../src/portal/portal.listener.js';
import { interpretEvent } from '../../src/webhooks/decision/event-decision.js';
import { answerDecided, answerRedelivered } from '../../src/webhooks/stripe/event-outcome.js';
import { toInboxRow } from '../../src/webhooks/inbox/inbox-row.js';
import { CustomerCreatedHandler } from '../../src/webhooks/decision/handlers/customer-created.handler.js';
import type { CustomerSubject } from '../../src/webhooks/decision/handlers/onboarding.js';
import { parseReceivedEvent, type ReceivedEvent } from '../../src/webhooks/stripe/received-event.js';
import { verifyStripeSignature } from '../../src/webhooks/stripe/stripe-signature.js';
import { WebhookEvent } from '../../src/webhooks/inbox/webhook-event.entity.js';
import { serveWebhooks } from './webhook-server.js';
import { NOTHING_KNOWN } from '../../test/support/database/known-state.js';

/**
 * The plain design: one TypeORM transaction per event, a repository read per question and an insert per
 * table. The service's own listeners make the rows and jobs, so that both designs write the same; only the
 * way into the database differs.
 */
const environment = readEnvironment(process.env);
const { secrets } = new WebhooksSettings(environment);
const dataSource = await new DataSource({
  type: 'postgres',
  url: new DatabaseSettings(environment).url,
  namingStrategy: new SnakeNamingStrategy(),
  entities: ENTITIES,
  poolSize: 10,
}).initialize();

const customers = new CustomersListener(new CustomersSettings(environment), new I18nSettings(environment));
const portal = new PortalListener();
const lifecycle = new LifecycleListener({} as Facts);
const notifications = new NotificationsListener(new NotificationsSettings(environment));
const analytics = new AnalyticsListener(new AnalyticsSettings(environment));
const audit = new AuditListener();

await serveWebhooks((body, signature) => {
  const now = new Date();
  const { valid } = verifyStripeSignature(signature, body, secrets, now);
  const event = valid ? parseReceivedEvent(body, now) : null;
  if (!event) throw new Error('Not a signed event');
  return dataSource.transaction((manager) => createCustomer(manager, event));
});

const handler = new CustomerCreatedHandler();
/** Only the path of a valid event is implemented: no other is measured. */
async function createCustomer(manager: EntityManager, received: ReceivedEvent) {
  const event = interpretEvent(received, handler);
  const subject = event.subject as CustomerSubject | null;
  if (!subject?.mingusUserId) throw new Error('Not a valid customer');
  const { stripeCustomerId, livemode, mingusUserId } = subject;
  const seen = await manager.findOneBy(WebhookEvent, { stripeEventId: received.stripeEventId });
  const existing = await manager.findOneBy(Customer, { stripeCustomerId, livemode });
  if (seen || existing) return answerRedelivered('duplicate', null);
  const user = await manager.findOneBy(User, { id: mingusUserId });
  if (!user) throw new Error('User not found');

  const mingusUser = { ...user, createdAt: user.createdAt.toISOString(), milestones: [] };
  const users = new Map([[mingusUserId, mingusUser]]);
  const verdict = handler.decide(subject, received, { ...NOTHING_KNOWN, users });
  const fact = verdict.facts[0] as CustomerCreated;
  const unit = new UnitOfWork();
  unit.insert(WebhookEvent, toInboxRow(event, verdict));
  customers.recordCustomer(fact, unit);
  customers.initialisePreferences(fact, unit);
  portal.grantPortalAccess(fact, unit);
  lifecycle.startLifecycle(fact, unit);
  notifications.queueOnboarding(fact, unit);
  analytics.enqueueTracking(fact, unit);
  audit.record(fact, unit);

  await insertRows(manager, unit);
  for (const { task, payload } of unit.jobs) {
    await manager.query('select from graphile_worker.add_job($1, $2::json)', [
      task,
      JSON.stringify([payload]),
    ]);
  }
  const queued = unit.jobs.filter(({ task }) => task === 'deliver-notification');
  return answerDecided('created', null, unit.changes, queued.length);
}

/** One insert per table: the three notifications of a customer share one. */
async function insertRows(manager: EntityManager, { rows }: UnitOfWork): Promise<void> {
  const tables = new Map<Type, object[]>();
  for (const { entity, row } of rows) tables.set(entity, [...(tables.get(entity) ?? []), row]);
  for (const [entity, tableRows] of tables) await manager.insert(entity, tableRows);
}
