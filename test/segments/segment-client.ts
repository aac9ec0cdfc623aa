import { expect } from 'vitest';
import { SegmentUpkeep } from '../../src/segments/upkeep/segment-upkeep.service.js';
import { hour } from '../support/billing-builders.js';
import { aCustomer, anEvent, type Fields } from '../support/builders.js';
import { makeDue } from '../support/jobs.js';
import type { TestApp } from '../support/test-app.js';
import { waitFor } from '../support/wait-for.js';

/** A rule by which a test looks at its own customers. */
export const plan = (name: string) => ({ type: 'metadata', key: 'plan', equals: name });

/** Segments as an operator uses them, and customers in them. */
export function segmentClient(app: () => TestApp) {
  const served = async (name: string, version: number): Promise<void> => {
    await makeDue(app().database, 'fill-segment');
    await waitFor(`${name} to serve version ${version}`, async () => {
      const { versions } = (await app().admin(`segments/${name}`)).body;
      return versions.some((one: Fields) => one.version === version && one.status === 'serving');
    });
  };
  return {
    served,

    /** Creates a customer. @returns its Stripe id */
    async onboard(metadata: Fields = {}, fields: Fields = {}): Promise<string> {
      const user = await app().createUser();
      const customer = aCustomer({
        created: hour(0),
        ...fields,
        metadata: { ...user.metadata, ...metadata },
      });
      const { body } = await app().deliver(anEvent(customer));
      expect(body).toMatchObject({ success: true });
      return customer.id;
    },

    /** Defines a segment and waits until it serves. */
    async define(name: string, rule: object): Promise<void> {
      const { status, body } = await app().admin('segments', { name, rule });
      expect([status, body.errors]).toEqual([201, undefined]);
      await served(name, 1);
    },

    /** Stripe ids of the members, oldest first. */
    async membersOf(name: string, query = ''): Promise<string[]> {
      await app().app.get(SegmentUpkeep).run();
      const { body } = await app().admin(`segments/${name}/members?limit=100&${query}`);
      return body.items.map((member: Fields) => member.stripeCustomerId).toReversed();
    },

    explain: async (name: string, customer: string) =>
      (await app().admin(`segments/${name}/customers/${customer}`)).body,

    /** Those that mention others first. */
    async deleteAll(): Promise<void> {
      for (const { name } of (await app().admin('segments')).body.toReversed())
        await app().admin(`segments/${name}`, undefined, 'DELETE');
    },
  };
}
