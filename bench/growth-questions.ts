import { median } from './statistics.js';
import { timed } from './timed.js';

const WEEKS = 26;
const period = { lastDays: 7 * WEEKS };
const named = (name: string) => ({ name });

/** The questions that are timed, with the upper bound of the median in milliseconds, if there is one. */
export const GROWTH_QUESTIONS: readonly [title: string, definition: object, boundMs?: number][] = [
  [
    'funnel of 4 steps, 26 weeks',
    {
      kind: 'funnel',
      steps: ['customer_created', 'project_created', 'invite_sent', 'payment_succeeded'].map(named),
      within: { days: 14 },
      period,
    },
    3000,
  ],
  [
    'the same with an exclusion and a breakdown',
    {
      kind: 'funnel',
      steps: ['customer_created', 'project_created', 'invite_sent', 'payment_succeeded'].map(named),
      exclusions: [named('feedback_sent')],
      breakdown: { step: 2, property: 'country' },
      within: { days: 14 },
      period,
    },
  ],
  [
    'funnel from a rare event to page views',
    {
      kind: 'funnel',
      steps: ['feedback_sent', '$page', 'export_done', 'plan_viewed'].map(named),
      within: { days: 14 },
      period,
    },
  ],
  [
    'funnel of milestones',
    {
      kind: 'milestone_funnel',
      steps: ['created', 'welcomed', 'activated', 'first_payment'],
      within: { days: 60 },
      period,
    },
    400,
  ],
  [
    'trends of one event by day, by country',
    {
      kind: 'trends',
      events: [named('payment_succeeded')],
      breakdown: { by: 'property', property: 'country' },
      period,
    },
  ],
  ['trends of page views by day', { kind: 'trends', events: [named('$page')], period }],
  [
    'time from the creation to the first project',
    {
      kind: 'time_to_convert',
      first: named('customer_created'),
      last: named('project_created'),
      within: { days: 30 },
      period,
    },
  ],
  [
    'retention of 26 weeks',
    {
      kind: 'retention',
      first: named('customer_created'),
      returning: named('project_opened'),
      weeks: WEEKS,
    },
  ],
  ['attribution of 30 days', { kind: 'attribution', period: { lastDays: 30 } }],
];

/** The median time of an answer. */
export interface AnswerTime {
  title: string;
  ms: number;
}

/**
 * Saves the questions about retention and milestones, refreshes them, and times their kept answers.
 * @param refresh runs the job `refresh-rollups`
 */
export async function timeKeptAnswers(
  url: string,
  authorization: string,
  { reads, refresh }: { reads: number; refresh: () => Promise<unknown> },
): Promise<{ refreshSeconds: number; times: AnswerTime[] }> {
  const kept = GROWTH_QUESTIONS.filter(([, definition]) =>
    /"(retention|milestone_funnel)"/.test(JSON.stringify(definition)),
  );
  for (const [index, [, definition]] of kept.entries()) {
    const { status } = await post(`${url}/admin/analytics/questions`, authorization, {
      name: `kept-${index}`,
      definition,
    });
    if (status !== 201) throw new Error(`A question was not saved: ${status}`);
  }
  const refreshSeconds = await timed(refresh);
  const times: AnswerTime[] = [];
  for (const [index, [title]] of kept.entries()) {
    const ms: number[] = [];
    for (let read = 0; read < reads; read += 1) {
      const answer = await timed(() =>
        get(`${url}/admin/analytics/questions/kept-${index}/answer`, authorization),
      );
      ms.push(1000 * answer);
    }
    times.push({ title: `kept: ${title}`, ms: median(ms) });
  }
  return { refreshSeconds, times };
}

async function post(url: string, authorization: string, body: object): Promise<Response> {
  const headers = { authorization, 'content-type': 'application/json' };
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  await answer.arrayBuffer();
  return answer;
}

async function get(url: string, authorization: string): Promise<void> {
  const answer = await fetch(url, { headers: { authorization } });
  if (!answer.ok) throw new Error(`${url}: answered ${answer.status}`);
  await answer.arrayBuffer();
}
