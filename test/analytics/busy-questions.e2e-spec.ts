import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, TestApp } from '../support/test-app.js';
import { waitFor } from '../support/wait-for.js';

describe('questions that take long', () => {
  let service: TestApp;

  beforeAll(async () => {
    service = await TestApp.start();
  });
  afterAll(() => service.stop());

  const ask = () =>
    service.admin('analytics/answers', { definition: { kind: 'trends', events: [{ name: 'opened' }] } });
  const waiting = (table = 'behaviour_events') =>
    service.database.rows<{ pid: number }>(
      'select pid from pg_locks where relation = $1::regclass and not granted',
      [table],
    );
  const whileLocked = async (work: () => Promise<void>, table = 'behaviour_events') => {
    await service.database.rows(`begin; lock table ${table} in access exclusive mode`);
    await work().finally(() => service.database.rows('rollback'));
  };

  it('run two at a time; ten wait at most, and other requests are answered', async () => {
    let answers: Promise<Answer>[] = [];
    await whileLocked(async () => {
      answers = Array.from({ length: 11 }, ask);
      const refused = await Promise.race(answers);
      expect([refused.status, refused.body.code]).toEqual([503, 'questions_busy']);
      expect(refused.headers.get('retry-after')).not.toBeNull();
      await waitFor('two questions run', async () => (await waiting()).length === 2);
      expect((await service.admin('customers')).status).toBe(200);
      expect(await waiting()).toHaveLength(2);
    });
    const statuses = (await Promise.all(answers)).map(({ status }) => status);
    expect(statuses.toSorted((a, b) => a - b)).toEqual([...Array.from({ length: 10 }, () => 200), 503]);
  });

  it('are refused with what to change when PostgreSQL ends them', async () => {
    let asked: Promise<Answer> | undefined;
    await whileLocked(async () => {
      asked = ask();
      await waitFor('the question runs', async () => (await waiting()).length === 1);
      await service.database.rows('select pg_cancel_backend($1)', [(await waiting())[0]?.pid]);
      const { status, body } = await asked;
      expect([status, body.code]).toEqual([422, 'question_too_large']);
      expect(body.detail).toMatch(/shorter period/);
    });
  });

  it('read the revenue in their own transaction too, which has the timeout', async () => {
    const table = 'mrr_movements';
    await whileLocked(async () => {
      const asked = service.admin('analytics/answers', { definition: { kind: 'revenue_retention' } });
      await waitFor('the question runs', async () => (await waiting(table)).length === 1);
      const idle = await service.database.rows(
        `select query from pg_stat_activity
         where datname = current_database() and state = 'idle in transaction' and pid <> pg_backend_pid()`,
      );
      expect(idle).toEqual([]);
      await service.database.rows('select pg_cancel_backend($1)', [(await waiting(table))[0]?.pid]);
      expect(await asked).toMatchObject({ status: 422, body: { code: 'question_too_large' } });
    }, table);
  });
});
