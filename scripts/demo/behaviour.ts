import { setTimeout as sleep } from 'node:timers/promises';
import { ask, keyOf, type Service } from './api.js';

const DAY_MS = 86_400_000;
const WEEKS = 3;
const SERVES_WITHIN_MS = 15_000;

/** What a user of MINGUS did, some days ago. */
type Act = [user: string, event: string, daysAgo: number];

/** Ada gets to a budget, Linus stops after his account, Tim has just begun. */
const ACTS: readonly Act[] = [
  ...[20, 13, 12, 6, 5].map((days): Act => ['ada', 'app_opened', days]),
  ['ada', 'account_connected', 12],
  ['ada', 'budget_created', 11],
  ['ada', 'report_shared', 4],
  ['ada', 'report_shared', 2],
  ...[14, 6].map((days): Act => ['linus', 'app_opened', days]),
  ['linus', 'account_connected', 13],
  ['tim', 'app_opened', 0.5],
  ['zoe', 'app_opened', 13],
];

/**
 * Reports three weeks of behaviour as MINGUS does, asks for a funnel and for retention, and explains why a customer is in
 * a segment.
 * @returns whether all answers were as expected
 */
export async function demoBehaviour(service: Service, run: string): Promise<boolean> {
  process.stdout.write('\nWhat people do\n');
  const segment = `sharers-${run}`;
  await ask(service, 'segments', {
    name: segment,
    description: 'Shared two reports within a month',
    rule: { type: 'behaviour', event: `report_shared`, atLeast: 2, withinLast: { days: 30 } },
  });
  await untilServing(service, segment);
  const key = await keyOf(service, 'collector', run);
  const taken = await track(service, key, run);
  process.stdout.write(`    ${taken ? 'ok ' : 'BAD'} ${ACTS.length} events by Segment's tracking API\n`);
  const funnel = await printFunnel(service);
  await printRetention(service);
  const isMember = await explain(service, segment, `cus_ada${run}`);
  return taken && funnel && isMember;
}

async function track({ url }: Service, key: string, run: string): Promise<boolean> {
  const batch = ACTS.map(([user, event, daysAgo], index) => ({
    type: 'track',
    messageId: `${run}-${index}`,
    userId: `${user}-${run}`,
    event,
    timestamp: new Date(Date.now() - daysAgo * DAY_MS).toISOString(),
  }));
  const response = await fetch(`${url}/v1/batch`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Basic ${Buffer.from(`${key}:`).toString('base64')}`,
    },
    body: JSON.stringify({ batch }),
  });
  return response.ok && ((await response.json()) as { success: boolean }).success;
}

interface Step {
  name: string;
  converted: number;
  dropped: number;
  open: number;
}

async function printFunnel(service: Service): Promise<boolean> {
  const steps = ['app_opened', 'account_connected', 'budget_created'];
  const { result } = await ask<{ result: { total: { converted: number; open: number; steps: Step[] } } }>(
    service,
    'analytics/answers',
    {
      definition: {
        kind: 'funnel',
        steps: steps.map((name) => ({ name })),
        within: { days: 3 },
        period: { lastDays: 7 * WEEKS },
      },
    },
  );
  process.stdout.write('    funnel, three days for all steps\n');
  for (const { name, converted, dropped, open } of result.total.steps)
    process.stdout.write(
      `      ${name.padEnd(18)} converted ${converted}  dropped ${dropped}  open ${open}\n`,
    );
  return result.total.converted >= 1 && result.total.open >= 1;
}

interface Cohort {
  week: string;
  persons: number;
  cells: { persons: number | null }[];
}

async function printRetention(service: Service): Promise<void> {
  const { result } = await ask<{ result: { cohorts: Cohort[] } }>(service, 'analytics/answers', {
    definition: {
      kind: 'retention',
      first: { name: 'app_opened' },
      returning: { name: 'app_opened' },
      weeks: WEEKS + 1,
    },
  });
  process.stdout.write('    retention of those who opened the app, by week (– is not over)\n');
  for (const { week, persons, cells } of result.cohorts) {
    const shown = cells.map((cell) => String(cell.persons ?? '–').padStart(3)).join('');
    process.stdout.write(`      ${week}  ${persons} people ${shown}\n`);
  }
}

interface Membership {
  isMember: boolean;
  since: string;
  cause: string;
  explanation: object;
}

async function explain(service: Service, segment: string, customer: string): Promise<boolean> {
  const path = `segments/${segment}/customers/${customer}`;
  const { isMember, since, cause, explanation } = await ask<Membership>(service, path);
  process.stdout.write(
    `    ${isMember ? 'ok ' : 'BAD'} ${customer} is in ${segment} since ${since}, by ${cause}\n` +
      `      ${JSON.stringify(explanation)}\n`,
  );
  return isMember;
}

async function untilServing(service: Service, segment: string): Promise<void> {
  for (const startedAt = Date.now(); ; await sleep(100)) {
    const { versions } = await ask<{ versions: { status: string }[] }>(service, `segments/${segment}`);
    if (versions[0]?.status === 'serving') return;
    if (Date.now() - startedAt > SERVES_WITHIN_MS) throw new Error(`The segment ${segment} does not serve`);
  }
}
