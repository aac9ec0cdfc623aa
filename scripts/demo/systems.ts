import { setTimeout as sleep } from 'node:timers/promises';
import type { ErasureDto } from '../../src/customers/privacy/erasure.dto.js';
import type { DeliveryPageDto } from '../../src/integrations/admin/delivery.dto.js';
import { type FakeContact, FakeHubSpot } from '../../test/support/connectors/fake-hubspot.js';
import { FakeZendesk } from '../../test/support/connectors/fake-zendesk.js';
import { ask, type Service } from './api.js';
import { DEMO_PLAN } from './steps.js';

const ARRIVES_WITHIN_MS = 15_000;

/** The systems that people work in, in the demo's process. */
export interface DemoSystems {
  crm: FakeHubSpot;
  support: FakeZendesk;
}

/** What becomes of the customers in the CRM. Grace's life has ended by then. */
const STAGES: readonly [who: string, stage: string][] = [
  ['ada', 'opportunity'],
  ['grace', 'other'],
  ['linus', 'opportunity'],
  ['tim', 'opportunity'],
];

/** Starts a fake HubSpot and a fake Zendesk. */
export async function startSystems(): Promise<DemoSystems> {
  return { crm: await new FakeHubSpot().start(), support: await new FakeZendesk().start() };
}

/** The variables that let the service reach the systems. */
export function environmentOf({ crm, support }: DemoSystems): Record<string, string> {
  return {
    OUTBOUND_PRIVATE_NETWORKS: '127.0.0.0/8',
    SECRET_DEMO_HUBSPOT: crm.token,
    SECRET_DEMO_ZENDESK: support.token,
  };
}

/** Connects the systems, and enables a ready-made automation that opens a ticket for each customer of a plan. */
export async function connectSystems(
  service: Service,
  { crm, support }: DemoSystems,
  run: string,
): Promise<void> {
  await ask(service, 'connectors', {
    name: `crm-${run}`,
    system: 'hubspot',
    settings: { baseUrl: crm.url },
    secrets: { token: 'env:SECRET_DEMO_HUBSPOT' },
  });
  await ask(service, 'connectors', {
    name: `support-${run}`,
    system: 'zendesk',
    settings: { baseUrl: support.url, email: support.email },
    secrets: { token: 'env:SECRET_DEMO_ZENDESK' },
    sendsPeople: false,
  });
  await ask(service, 'automations', {
    name: `ticket-${run}`,
    readyMade: 'plan-ticket',
    parameters: { connector: `support-${run}`, plans: [DEMO_PLAN] },
  });
  await Promise.all(pathsOf(run).map((path) => ask(service, `${path}/enable`, {})));
}

/**
 * Prints what became of the demo's customers in the systems, erases one, and disables the connectors and the automation,
 * because the systems end.
 * @returns whether all was there as expected
 */
export async function demoSystems(service: Service, systems: DemoSystems, run: string): Promise<boolean> {
  process.stdout.write('\nThe systems that people work in\n');
  const contacts = await printContacts(systems, run);
  const ticket = await printTicket(service, systems, run);
  const erased = await erase(service, systems, run);
  for (const path of pathsOf(run)) await ask(service, `${path}/disable`, {});
  await Promise.all([systems.crm.stop(), systems.support.stop()]);
  return contacts && ticket && erased;
}

function pathsOf(run: string): string[] {
  return [`connectors/crm-${run}`, `connectors/support-${run}`, `automations/ticket-${run}`];
}

async function printContacts({ crm }: DemoSystems, run: string): Promise<boolean> {
  let good = true;
  for (const [who, stage] of STAGES) {
    const isThere = await arrives(() => contactOf(crm, who, run)?.properties.lifecyclestage === stage);
    const contact = contactOf(crm, who, run);
    const shown = contact
      ? `the contact ${contact.id}, lifecycle stage ${contact.properties.lifecyclestage}`
      : 'no contact';
    good = report(isThere, `cus_${who}${run} has ${shown} in the CRM`) && good;
  }
  return good;
}

async function printTicket(service: Service, { support }: DemoSystems, run: string): Promise<boolean> {
  const path = `deliveries?connector=support-${run}&kind=createTicket`;
  const isOpened = await arrives(async () => {
    const { items } = await ask<DeliveryPageDto>(service, path);
    return items.length > 0 && items.every(({ status }) => status === 'accepted');
  });
  const tickets = [...support.tickets.values()];
  for (const { id, subject, requester_id: requester } of tickets)
    process.stdout.write(
      `      ticket ${id} “${subject}” of ${support.users.get(requester)?.email}, who has the plan ${DEMO_PLAN}\n`,
    );
  return report(isOpened && tickets.length === 1, `${tickets.length} ticket is open in the support system`);
}

async function erase(service: Service, { crm }: DemoSystems, run: string): Promise<boolean> {
  const customer = `cus_zoe${run}`;
  const before = contactOf(crm, 'zoe', run);
  const statuses = async () => {
    const { receipts } = await ask<ErasureDto>(service, `customers/${customer}/erase`, { confirm: customer });
    return receipts.map(({ connector, status }) => `${connector} ${status}`).join(', ');
  };
  const isErased = await arrives(async () => (await statuses()) === `crm-${run} accepted`);
  const isGone = before !== undefined && crm.deleted.includes(before.id) && !contactOf(crm, 'zoe', run);
  return report(
    isErased && isGone,
    `${customer} is erased, contact ${before?.id} left the CRM, receipt: ${await statuses()}`,
  );
}

function contactOf(crm: FakeHubSpot, who: string, run: string): FakeContact | undefined {
  const email = `${who}.${run}@example.com`;
  return [...crm.contacts.values()].find(({ properties }) => properties.email === email);
}

/** Waits until something is true. @returns whether it became true in time */
async function arrives(isThere: () => boolean | Promise<boolean>): Promise<boolean> {
  for (const startedAt = Date.now(); !(await isThere()); await sleep(100))
    if (Date.now() - startedAt > ARRIVES_WITHIN_MS) return false;
  return true;
}

function report(isGood: boolean, text: string): boolean {
  process.stdout.write(`    ${isGood ? 'ok ' : 'BAD'} ${text}\n`);
  return isGood;
}
