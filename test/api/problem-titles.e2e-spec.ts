import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeApi } from '../../src/describe-api.js';
import { ADMIN_KEY, TestApp } from '../support/test-app.js';

/** A plain phrase such as `not found`, not a class name or a constant. */
const PHRASE = /^[a-z]+( [a-z]+)*$/;

describe('the title of every problem', () => {
  let service: TestApp;

  beforeAll(async () => {
    service = await TestApp.start({ env: { DOCS_ACCESS: 'viewer', METRICS_ACCESS: 'viewer' } });
  });
  afterAll(() => service.stop());

  async function titleOf(path: string, init: RequestInit): Promise<{ status: number; title: string | null }> {
    const answer = await fetch(`${service.url}${path}`, { redirect: 'manual', ...init });
    const isProblem = answer.headers.get('content-type')?.startsWith('application/problem+json');
    const text = await answer.text();
    return { status: answer.status, title: isProblem ? (JSON.parse(text) as { title: string }).title : null };
  }

  it('is a plain phrase on every route: without a key, with impossible parameters, with a wrong body', async () => {
    const authorization = `Bearer ${ADMIN_KEY}`;
    const odd: string[] = [];
    let problems = 0;
    for (const [template, methods] of Object.entries(describeApi(service.app as never).paths)) {
      const path = template.replace(/\{\w+\}/g, 'nothing');
      for (const method of Object.keys(methods).map((name) => name.toUpperCase())) {
        const body =
          method === 'GET' ? {} : { body: '{"nothing":', headers: { 'content-type': 'application/json' } };
        for (const [url, init] of [
          [path, { method }],
          [`${path}?nothing=1`, { method, headers: { authorization } }],
          [path, { method, ...body, headers: { ...body.headers, authorization } }],
        ] as const) {
          const { title } = await titleOf(url, init);
          if (title !== null) problems += 1;
          if (title !== null && !PHRASE.test(title)) odd.push(`${method} ${url}: ${title}`);
        }
      }
    }

    expect(odd).toEqual([]);
    expect(problems).toBeGreaterThan(100);
  });

  it.each([
    ['/docs', 401, 'unauthorized'],
    ['/docs-json', 401, 'unauthorized'],
    ['/metrics', 401, 'unauthorized'],
    ['/nowhere', 404, 'not found'],
    [`/admin/customers/${'x'.repeat(600)}`, 414, 'uri too long'],
  ])('of %s is the phrase of its status', async (path, status, title) => {
    expect(await titleOf(path, {})).toEqual({ status, title });
  });
});
