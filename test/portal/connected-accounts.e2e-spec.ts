import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PortalTest } from '../support/portal.js';

describe('the portal of customers of connected accounts', () => {
  let test: PortalTest;

  beforeAll(async () => {
    test = await PortalTest.start();
  });
  afterAll(() => test.stop());

  const open = ({ userId }: { userId: string }) =>
    test.asMingus(`/users/${userId}/portal-sessions`, {}).then(({ status }) => status);
  const configurationOf = (customer: { id: string }) =>
    test.sessionsOf(customer).map(({ params }) => params.configuration);

  it('is opened in the name of the account, by the link in a mail', async () => {
    const { customer, link } = await test.onboardWithLink({}, 'acct_mail');

    expect((await test.submit(link)).status).toBe(303);

    expect(test.sessionsOf(customer)).toHaveLength(1);
  });

  it('is opened in the name of the account, for users who are logged in', async () => {
    const customer = await test.onboard({}, 'acct_login');

    expect(await open(customer)).toBe(201);

    expect(test.sessionsOf(customer)).toHaveLength(1);
  });

  it('has a configuration in each account, created once', async () => {
    const ours = await test.onboard();
    const ones = [await test.onboard({}, 'acct_1'), await test.onboard({}, 'acct_1')] as const;
    const others = await test.onboard({}, 'acct_2');

    for (const customer of [ours, ...ones, others, ours]) expect(await open(customer)).toBe(201);

    const [first, second] = ones.map(configurationOf);
    expect(second).toEqual(first);
    expect(new Set([configurationOf(ours)[0], first?.[0], configurationOf(others)[0]]).size).toBe(3);
    expect(new Set(configurationOf(ours)).size).toBe(1);
  });
});
