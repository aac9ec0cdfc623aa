import { readFileSync } from 'node:fs';
import pLimit from 'p-limit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aCustomer, anEvent, aUser } from '../support/builders.js';
import { FakeStripe } from '../support/fake-stripe/fake-stripe.js';
import { portalRoutes } from '../support/fake-stripe/portal-routes.js';
import { OpenApiFuzz, type FuzzRequest, type Operation } from '../support/http/openapi-fuzz.js';
import { productionEnvironment, ServiceProcess } from '../support/process/service-process.js';
import { SmtpSink } from '../support/mail/smtp-sink.js';
import { ADMIN_KEY, deliver, request, SERVICE_KEY, WEBHOOK_SECRET } from '../support/test-app.js';
import { TestDatabase } from '../support/database/test-database.js';
import { LINK_KEY } from '../support/process/test-environment.js';

/** `npm run fuzz` sends 50,000. */
const REQUESTS = Number(process.env.FUZZ_REQUESTS ?? 5000);
const SEED = Number(process.env.FUZZ_SEED ?? 20_261_126);
const AT_ONCE = 8;
const SECRETS = [ADMIN_KEY, SERVICE_KEY, WEBHOOK_SECRET, LINK_KEY, 'sk_test_0123456789abcdef'];

describe('the API with random requests', () => {
  let database: TestDatabase;
  let smtp: SmtpSink;
  let stripe: FakeStripe;
  let service: ServiceProcess;
  let fuzz: OpenApiFuzz;
  let writeKey: string;

  beforeAll(async () => {
    database = await TestDatabase.create();
    smtp = await SmtpSink.start();
    stripe = await FakeStripe.start();
    stripe.serve(...portalRoutes(stripe.state, { sessions: [], configurations: new Map() }));
    const env = {
      STRIPE_API_URL: stripe.url,
      STRIPE_RATE_LIMIT: '0',
      API_MAX_PER_KEY_MINUTE: '0',
      API_MAX_PER_ADDRESS_MINUTE: '0',
      LOG_LEVEL: 'info',
    };
    service = await ServiceProcess.start(productionEnvironment(database.url, smtp.port, env));
    const user = aUser();
    const post = (path: string, body: object) =>
      request(`${service.url}/admin/${path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${ADMIN_KEY}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    await post('users', user);
    writeKey = (await post('api-keys', { name: 'fuzz', role: 'collector' })).body.key;
    const customer = aCustomer({ metadata: { mingus_user_id: user.id } });
    stripe.put(customer);
    const event = anEvent(customer);
    await deliver(service.url, event);
    const rows = await database.rows<{ id: string }>('select id from notifications');
    const ids = [String(user.id), customer.id, event.id, ...rows.map(({ id }) => id)];
    fuzz = new OpenApiFuzz(JSON.parse(readFileSync('openapi.json', 'utf8')), ids);
  });
  afterAll(async () => {
    await service.end('SIGTERM');
    await Promise.all([smtp.stop(), stripe.stop()]);
    await database.drop();
  });

  const keyOf = ({ path }: Operation) => {
    if (path.startsWith('/v1/')) return writeKey;
    return path.startsWith('/users') ? SERVICE_KEY : ADMIN_KEY;
  };

  /** The fault in the answer to a request; null if there is none. */
  async function problemOf(operation: Operation, { url, body, hasKey }: FuzzRequest): Promise<string | null> {
    const answer = await fetch(`${service.url}${url}`, {
      method: operation.method,
      redirect: 'manual',
      headers: {
        ...(hasKey && operation.isGuarded ? { authorization: `Bearer ${keyOf(operation)}` } : {}),
        ...(body === null ? {} : { 'content-type': 'application/json' }),
      },
      body: operation.method === 'GET' || operation.method === 'HEAD' ? null : body,
    });
    const text = await answer.text();
    const leaked = SECRETS.some((secret) => text.includes(secret));
    if (leaked) return 'a secret in the answer';
    if (operation.isGuarded && !hasKey && answer.status < 400) return `${answer.status} without a key`;
    return fuzz.problemOf(operation, answer.status, answer.headers.get('content-type') ?? '', text);
  }

  it(`answers ${REQUESTS} requests of any kind as documented, never with a fault or a secret`, async () => {
    const each = Math.ceil(REQUESTS / fuzz.operations.length);
    const limit = pLimit(AT_ONCE);
    const found = await Promise.all(
      fuzz.operations.flatMap((operation) =>
        fuzz.requests(operation, each, SEED).map((one) =>
          limit(async () => {
            const problem = await problemOf(operation, one);
            return problem ? [`${operation.method} ${one.url} ${one.body ?? ''} → ${problem}`] : [];
          }),
        ),
      ),
    );
    const problems = found.flat();
    expect(problems.slice(0, 20)).toEqual([]);
    expect(found.length).toBeGreaterThanOrEqual(REQUESTS);
    for (const secret of SECRETS) expect(service.output).not.toContain(secret);
  }, 600_000);
});
