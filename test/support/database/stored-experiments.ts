import { randomUUID } from 'node:crypto';
import { chooseArm } from '../../../src/experiments/assignment/choose-arm.js';
import type { Arm } from '../../../src/experiments/definitions/arm.js';
import { someContent } from '../pages/template-content.js';
import type { BrokenPromises, RunSql } from './invariants.js';

export interface StoredExperiment {
  coverage: number;
  segment: string | null;
  arms: Arm[];
}

const NOTHING = { messages: [], parameters: {} };

/** One with a treatment of messages, and one that is limited to a segment of `CAMPAIGN_RULES`. */
export const CAMPAIGN_EXPERIMENTS: Record<string, StoredExperiment> = {
  other_welcome: {
    coverage: 0.8,
    segment: null,
    arms: [
      { key: 'a', weight: 0.5, treatment: NOTHING },
      {
        key: 'b',
        weight: 0.5,
        treatment: { messages: [{ kind: 'welcome', templateVersion: 1 }], parameters: { checkout: 'short' } },
      },
    ],
  },
  of_a_half: {
    coverage: 1,
    segment: 'half',
    arms: ['a', 'b', 'c'].map((key, index) => ({
      key,
      weight: [0.2, 0.3, 0.5][index] ?? 0,
      treatment: NOTHING,
    })),
  },
};

/** Stores experiments that run, and the first version of the welcome, which is not active. */
export async function storeExperiments(
  sql: RunSql,
  experiments: Record<string, StoredExperiment>,
): Promise<void> {
  const { subject, preheader, blocks } = someContent();
  await sql(
    `insert into template_overrides (id, kind, language, version, subject, preheader, blocks, active, created_at)
     values ($1, 'welcome', 'en', 1, $2, $3, $4, false, now())`,
    [randomUUID(), subject, preheader, JSON.stringify(blocks)],
  );
  for (const [name, { coverage, segment, arms }] of Object.entries(experiments)) {
    await sql(
      `with experiment as (
         insert into experiments (name, description, status, segment, goals, guardrails, created_at, started_at)
         values ($1, '', 'running', $3, '[]', '[]', now(), now()) returning id
       )
       insert into experiment_phases (experiment_id, number, seed, arms, coverage, started_at)
       select id, 1, $1 || ':1', $4::jsonb, $2::float8, now() from experiment`,
      [name, coverage, segment, JSON.stringify(arms)],
    );
  }
  await sql('update experiment_revisions set revision = revision + 1');
}

/** A user with a customer, in an experiment with one phase. */
interface Participation {
  userId: string;
  experiment: string;
  coverage: number;
  seed: string;
  arms: Arm[];
  isEligible: boolean;
  /** Whether all customers of the user were imported, which assigns no arm. */
  isImported: boolean;
  held: number[];
  messages: { kind: string; templateVersion: number | null }[];
}

/**
 * Looks for users with another number of arms than one in an experiment in which they take part, with another arm than
 * that of their bucket, and for messages that do not follow the arm. The experiments must have run all the time.
 */
export async function findWrongArms(sql: RunSql): Promise<BrokenPromises> {
  const rows = (await sql(PARTICIPATIONS)) as unknown as Participation[];
  const wrong = { wrong_arms: rows.filter(hasWrongArm), wrong_treatments: rows.filter(hasWrongMessage) };
  return Object.fromEntries(Object.entries(wrong).filter(([, found]) => found.length > 0));
}

function hasWrongArm({ userId, coverage, seed, arms, isEligible, isImported, held }: Participation): boolean {
  const experiment = { name: '', status: 'running', namespace: null, segment: null } as const;
  const arm = chooseArm({ id: 0, experimentId: 0, seed, arms, coverage, experiment }, userId);
  const expected = arm === null || !isEligible || isImported ? [] : [arm];
  return held.join() !== expected.join();
}

function hasWrongMessage({ arms, held, messages }: Participation): boolean {
  const treated = new Set(arms.flatMap(({ treatment }) => treatment.messages.map(({ kind }) => kind)));
  const chosen = arms[held[0] ?? NaN]?.treatment.messages ?? [];
  return messages
    .filter(({ kind }) => treated.has(kind))
    .some(({ kind, templateVersion }) => {
      const expected = chosen.find((message) => message.kind === kind)?.templateVersion ?? null;
      return templateVersion !== expected;
    });
}

/** Users with both imported and other customers are left out: which one came first decides about their messages. */
const PARTICIPATIONS = `
  select user_id as "userId", e.name as experiment, coverage, seed, p.arms, is_imported as "isImported",
    e.segment is null or coalesce((
      select bool_or(serving_version_id = any(member_of)) from segments, customer_segments m
      where segments.name = e.segment and m.customer_id = any(customers)
    ), false) as "isEligible",
    array(
      select held.arm from experiment_units u, unnest(u.phase_ids, u.arms) as held (phase_id, arm)
      where u.user_id = owners.user_id and held.phase_id = p.id
    ) as held,
    (select coalesce(json_agg(json_build_object('kind', kind, 'templateVersion', template_version)), '[]')
     from notifications n where n.user_id = owners.user_id) as messages
  from (
    select c.user_id, array_agg(c.id) as customers, bool_and(reconciliation_id is not null) as is_imported
    from customers c join webhook_events w on w.customer_id = c.id and w.outcome in ('created', 'deleted')
    where c.user_id is not null
    group by 1 having bool_and(reconciliation_id is not null) or bool_and(reconciliation_id is null)
  ) as owners, experiments e join experiment_phases p on p.experiment_id = e.id
  where e.status = 'running'`;
