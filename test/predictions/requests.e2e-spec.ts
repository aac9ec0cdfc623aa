import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestApp } from '../support/test-app.js';

describe('a request about predictions', () => {
  let service: TestApp;

  beforeAll(async () => {
    service = await TestApp.start();
  });
  afterAll(() => service.stop());

  it.each([0, 1, 0.25, 2.5e-7, 9e-12, 0.0000012345678901234567, 1 / 3])(
    'may continue after a score of %d',
    async (score) => {
      const cursor = `${score}_0193b0e6-0000-7000-8000-000000000001`;
      const answer = await service.admin(`predictions/pays/customers?cursor=${cursor}`);
      expect([answer.status, answer.body.items]).toEqual([200, []]);
    },
  );

  it.each([
    ['GET', 'predictions/nothing', 404],
    ['GET', 'predictions/nothing/customers', 404],
    ['POST', 'predictions/nothing/models', 404],
    ['GET', 'predictions/pays/customers?min=2', 400],
    ['GET', 'predictions/pays/customers?min=x', 400],
    ['GET', 'predictions/pays/customers?limit=101', 400],
    ['GET', 'predictions/pays/customers?cursor=0.5', 400],
    ['GET', 'predictions/pays/customers?cursor=0.5_0193b0e6-0000-7000-8000-00000000000g', 400],
    ['GET', 'predictions/pays/customers?cursor=2_0193b0e6-0000-7000-8000-000000000001', 400],
    ['GET', 'predictions/pays/customers?unknown=1', 400],
    ['GET', 'customers/cus_nobody/predictions', 404],
    ['GET', 'customers/%00/predictions', 400],
  ])('refuses %s %s with %i', async (method, path, status) => {
    const answer = await service.admin(path, method === 'POST' ? {} : undefined, method);
    expect([answer.status, answer.body.status]).toEqual([status, status]);
  });
});
