import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import Stripe from 'stripe';
import { secretsFileOf } from '../../src/platform/development/development-services.js';
import { findFreePort, isFree } from '../../src/platform/development/free-port.js';
import { aCustomer, anEvent } from '../../test/support/builders.js';
import { anEndpoint, endpointRoutes } from '../../test/support/fake-stripe/endpoint-routes.js';
import { EventSender } from '../../test/support/fake-stripe/event-sender.js';
import { FakeStripe } from '../../test/support/fake-stripe/fake-stripe.js';
import { NewestFirst } from '../../test/support/fake-stripe/newest-first.js';
import { demoBehaviour } from './behaviour.js';
import { demoExperiment, startExperiment } from './experiment.js';
import { demoLife } from './life.js';
import { demoPrediction } from './prediction.js';
import { type DemoStep, demoSteps, demoUsers, laterDemoSteps } from './steps.js';
import { connectSystems, demoSystems, environmentOf, startSystems } from './systems.js';

const READY_TIMEOUT_MS = 120_000;
const MAIL_TIMEOUT_MS = 30_000;
/** Three for each of the four new users, two for the long-standing one. */
const EXPECTED_MAILS = 14;

/**
 * `--exit` stops the service at the end. `--fresh` starts it with an empty data folder that is deleted
 * afterwards.
 */
const { values: flags } = parseArgs({
  options: { exit: { type: 'boolean', default: false }, fresh: { type: 'boolean', default: false } },
});
const dataDir = flags.fresh ? mkdtempSync(join(tmpdir(), 'mingus-demo-')) : (process.env.DATA_DIR ?? '.data');
const run = Date.now().toString(36);

interface Running {
  child: ChildProcess;
  url: string;
  mailboxUrl: string;
  adminKey: string;
  webhookSecret: string;
}

async function demo(): Promise<boolean> {
  const stripe = await FakeStripe.start();
  const systems = await startSystems();
  const service = await startService(stripe, environmentOf(systems));
  service.child.once('exit', () => void stripe.stop());
  try {
    for (const user of demoUsers(run)) await createUser(service, user);
    const [experiment] = await Promise.all([
      startExperiment(service, run),
      connectSystems(service, systems, run),
    ]);
    const answered = await send(demoSteps(run), service, stripe);
    const refused = await sendTampered(service);
    const mailed = await waitForMails(service);
    const changed = await send(laterDemoSteps(run), service, stripe);
    const lived = await live(`cus_grace${run}`, service, stripe);
    const behaved = await demoBehaviour(service, run);
    const assigned = await demoExperiment(service, experiment, [`ada-${run}`, `linus-${run}`, `tim-${run}`]);
    const predicted = await demoPrediction(service, `cus_ada${run}`);
    const connected = await demoSystems(service, systems, run);
    await printWhereToLook(service);
    const parts = [answered, refused, mailed, changed, lived, behaved, assigned, predicted, connected];
    return parts.every(Boolean);
  } finally {
    if (flags.exit) await stop(service.child);
    if (flags.exit && flags.fresh) rmSync(dataDir, { recursive: true, force: true });
    if (!flags.exit) process.stdout.write('The service keeps running; Ctrl-C stops it.\n');
  }
}

/** Starts the built service with a fake Stripe, and with what it needs for fake systems: the demo never reaches real ones. */
async function startService(stripe: FakeStripe, systems: Record<string, string>): Promise<Running> {
  const [port, smtpPort, webPort] = await Promise.all([
    portFor('PORT', 3000),
    portFor('MAILBOX_SMTP_PORT', 1025),
    portFor('MAILBOX_WEB_PORT', 1080),
  ]);
  mkdirSync(dataDir, { recursive: true });
  const log = createWriteStream(join(dataDir, 'demo.log'));
  const ports = { PORT: port, MAILBOX_SMTP_PORT: smtpPort, MAILBOX_WEB_PORT: webPort };
  const url = `http://127.0.0.1:${port}`;
  const endpoints = new NewestFirst([anEndpoint(`http://localhost:${port}/webhooks/stripe`)]);
  stripe.serve(...endpointRoutes(endpoints));
  const api = { STRIPE_API_URL: stripe.url, STRIPE_SECRET_KEY: 'sk_test_demo' };
  // Without quiet hours, the demo shows all messages at any time of day.
  const env = { QUIET_HOURS: 'off', ...process.env, ...ports, ...api, ...systems, DATA_DIR: dataDir };
  const child = spawn(process.execPath, ['dist/main.js'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.pipe(log);
  child.stderr.pipe(log);
  let complaint = '';
  child.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  const startedAt = Date.now();
  while (!(await isReady(url))) {
    if (child.exitCode !== null) throw new Error(`The service did not start:\n${complaint}`);
    if (Date.now() - startedAt > READY_TIMEOUT_MS) {
      await stop(child);
      throw new Error(`Not ready in time; see ${dataDir}/demo.log`);
    }
    await sleep(100);
  }
  process.stdout.write(
    `Service ready after ${Date.now() - startedAt} ms (log: ${join(dataDir, 'demo.log')})\n\n`,
  );
  const secrets = JSON.parse(readFileSync(secretsFileOf(dataDir), 'utf8')) as Record<string, string>;
  return {
    child,
    url,
    mailboxUrl: `http://127.0.0.1:${webPort}`,
    adminKey: process.env.ADMIN_API_KEY ?? secrets.ADMIN_API_KEY ?? '',
    webhookSecret:
      (process.env.STRIPE_WEBHOOK_SECRET ?? secrets.STRIPE_WEBHOOK_SECRET ?? '').split(',')[0] ?? '',
  };
}

/** The configured port; else the usual one, or a free one if that is taken. */
async function portFor(variable: string, usual: number): Promise<string> {
  if (process.env[variable]) return process.env[variable];
  return String((await isFree(usual)) ? usual : await findFreePort());
}

async function isReady(url: string): Promise<boolean> {
  return fetch(`${url}/health/ready`).then(
    (response) => response.ok,
    () => false,
  );
}

async function createUser({ url, adminKey }: Running, user: object): Promise<void> {
  const response = await fetch(`${url}/admin/users`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${adminKey}` },
    body: JSON.stringify(user),
  });
  if (response.status !== 201)
    throw new Error(`User not created: ${response.status} ${await response.text()}`);
}

/** Lets the fake Stripe send each event, signed and with retries, and compares the answers. */
async function send(steps: DemoStep[], service: Running, stripe: FakeStripe) {
  const sender = senderTo(service, stripe);
  let good = true;
  for (const { title, change, expected } of steps) {
    good = report(title, expected, await change(sender, stripe.state)) && good;
  }
  return good;
}

function senderTo({ url, webhookSecret }: Running, { state }: FakeStripe): EventSender {
  return new EventSender(state, { url: `${url}/webhooks/stripe`, secrets: [webhookSecret] });
}

/** Sends the life of a customer, and prints the stage and the monthly recurring revenue after each step. */
async function live(customerId: string, service: Running, stripe: FakeStripe): Promise<boolean> {
  process.stdout.write('\nThe life of a customer\n');
  const sender = senderTo(service, stripe);
  let good = true;
  let mrr = '0';
  for (const { title, change, expected } of demoLife(run, customerId)) {
    const answer = await change(sender, stripe.state);
    good = report(title, expected, answer) && good;
    mrr = /MRR \S+ → ([\d.]+)/.exec(answer.body)?.[1] ?? mrr;
    process.stdout.write(`    stage ${await stageOf(customerId, service)}, MRR ${mrr} eur\n`);
  }
  return good;
}

async function stageOf(customerId: string, { url, adminKey }: Running): Promise<string> {
  const response = await fetch(`${url}/admin/customers/${customerId}`, {
    headers: { authorization: `Bearer ${adminKey}` },
  });
  const { lifecycle } = (await response.json()) as { lifecycle?: { stage: string } };
  return lifecycle?.stage ?? 'unknown';
}

/** Sends a body with one byte changed after Stripe signed it. */
async function sendTampered({ url, webhookSecret }: Running): Promise<boolean> {
  const payload = JSON.stringify(anEvent(aCustomer()));
  const signature = Stripe.webhooks.generateTestHeaderString({ payload, secret: webhookSecret });
  const response = await fetch(`${url}/webhooks/stripe`, {
    method: 'POST',
    headers: { 'content-type': 'application/json; charset=utf-8', 'stripe-signature': signature },
    body: payload.replace('false', 'true '),
  });
  const expected = { status: 400, success: false, contains: 'Invalid signature' };
  return report('tampered body', expected, { status: response.status, body: await response.text() });
}

function report(
  title: string,
  { status, success, contains }: DemoStep['expected'],
  answer: { status: number; body: string },
): boolean {
  const good =
    answer.status === status &&
    (JSON.parse(answer.body) as { success: boolean }).success === success &&
    answer.body.includes(contains);
  process.stdout.write(
    `${good ? 'ok ' : 'BAD'} ${title}\n` +
      `    expected ${status} success=${success} … ${contains}\n` +
      `    answered ${answer.status} ${answer.body}\n`,
  );
  return good;
}

/** Waits for this run's mails in the mailbox. */
async function waitForMails({ mailboxUrl }: Running): Promise<boolean> {
  const startedAt = Date.now();
  for (;;) {
    const response = await fetch(`${mailboxUrl}/api/email`);
    const mails = (await response.json()) as object[];
    const ours = mails.filter((mail) => JSON.stringify(mail).includes(`.${run}@example.com`));
    const done = ours.length >= EXPECTED_MAILS;
    if (done || Date.now() - startedAt > MAIL_TIMEOUT_MS) {
      process.stdout.write(
        `\n${done ? 'ok ' : 'BAD'} ${ours.length} of ${EXPECTED_MAILS} emails arrived\n\n`,
      );
      return done;
    }
    await sleep(200);
  }
}

async function printWhereToLook({ url, mailboxUrl, adminKey }: Running): Promise<void> {
  const customer = `${url}/admin/customers/cus_ada${run}`;
  process.stdout.write(
    `\nSwagger    ${url}/docs (authorise with the admin key)\n` +
      `Mailbox    ${mailboxUrl}\n` +
      `Customer   curl -H 'Authorization: Bearer ${adminKey}' ${customer}\n\n`,
  );
}

async function stop(child: ChildProcess): Promise<void> {
  child.kill('SIGTERM');
  while (child.exitCode === null && child.signalCode === null) await sleep(50);
}

demo().then(
  (good) => {
    process.exitCode = good ? 0 : 1;
  },
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);
