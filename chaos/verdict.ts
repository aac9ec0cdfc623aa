import { percentile } from '../bench/statistics.js';
import {
  type BrokenPromises,
  findBrokenPromises,
  findUnfinishedWork,
  findWrongLives,
} from '../test/support/database/invariants.js';
import { findWrongRuns } from '../test/support/database/stored-automations.js';
import { findWrongDeliveries } from '../test/support/database/stored-connectors.js';
import { findWrongArms } from '../test/support/database/stored-experiments.js';
import { findWrongMemberships } from '../test/support/database/stored-segments.js';
import type { Campaign } from './campaign.js';
import { compareMail, type MailComparison } from './mail-copies.js';
import { UNDERWAY, PROCESSES } from './plan.js';
import { type Copies, Systems } from './systems.js';

/** The service must accept events again within this time after the database is ready. */
const ACCEPTS_WITHIN_MS = 5000;
const RERUN_WITHIN_MS = 60_000;

/** The results of the checks after a campaign. */
export interface Verdict {
  broken: BrokenPromises;
  mail: MailComparison;
  /** The highest number of copies that the interruptions may have caused. */
  copiesBound: number;
  /** The same for what was delivered to systems. */
  deliveriesBound: Copies;
  /** Sorted. */
  rerunAfterMs: number[];
  /** A sentence for each failed check; empty when all passed. */
  violations: string[];
}

/** Checks everything that must hold after a campaign with an empty queue. */
export async function judge(campaign: Campaign): Promise<Verdict> {
  const { database, mailLog, orphans, sender, systems, tally, plan } = campaign;
  const broken = {
    ...(await findBrokenPromises(database.sql, sender.acknowledged.keys())),
    ...(await findUnfinishedWork(database.sql)),
    ...(await findWrongLives(database.sql, sender.lives)),
    ...(await findWrongMemberships(database.sql)),
    ...(await findWrongArms(database.sql)),
    ...(await findWrongRuns(database.sql)),
    ...(await findWrongDeliveries(database.sql, systems.arrived)),
  };
  const mail = await compareMail(mailLog, database.sql);
  const rerunAfterMs = orphans.rerunAfterMs.toSorted((one, other) => one - other);
  const restarts = tally.databaseRestarts.fast + tally.databaseRestarts.immediate;
  const ends = tally.kills.worker + restarts * PROCESSES;
  const copiesBound = ends * UNDERWAY + tally.allTerminations;
  const interruptions = ends + tally.allTerminations;
  const deliveriesBound = {
    contacts: interruptions * Systems.UNDERWAY.contacts,
    events: interruptions * Systems.UNDERWAY.events,
  };
  const { copies } = systems;
  const slowest = Math.max(0, ...tally.acceptedAfterMs);
  const checks: [boolean, string][] = [
    [Object.keys(broken).length === 0, `Broken promises: ${Object.keys(broken).join(', ')}`],
    [
      mail.neverArrived.length === 0,
      `${mail.neverArrived.length} notifications recorded as sent did not arrive`,
    ],
    [mail.unknown.length === 0, `${mail.unknown.length} messages without a notification`],
    [mail.extraCopies <= copiesBound, `${mail.extraCopies} extra copies, more than ${copiesBound}`],
    [
      copies.contacts <= deliveriesBound.contacts && copies.events <= deliveriesBound.events,
      `Repeated deliveries: ${JSON.stringify(copies)}, more than ${JSON.stringify(deliveriesBound)}`,
    ],
    [systems.dropped.length === 0, `Dropped events: ${systems.dropped.slice(0, 5).join(', ')}`],
    [
      !(percentile(rerunAfterMs, 0.99) > RERUN_WITHIN_MS),
      `Orphaned jobs waited ${Math.round(percentile(rerunAfterMs, 0.99))} ms (p99)`,
    ],
    [slowest <= ACCEPTS_WITHIN_MS, `Accepted events again ${slowest} ms after the database was ready`],
    [tally.cleanExtraCopies === 0, `${tally.cleanExtraCopies} extra copies during clean restarts`],
    [
      tally.cleanRefusals.size === 0,
      `Requests failed during clean restarts: ${JSON.stringify([...tally.cleanRefusals])}`,
    ],
    [tally.missedPoints.length === 0, `Points not reached: ${tally.missedPoints.join(', ')}`],
    [tally.allKills === plan.kills, `${tally.allKills} kills instead of ${plan.kills}`],
  ];
  const violations = checks.filter(([holds]) => !holds).map(([, sentence]) => sentence);
  return { broken, mail, copiesBound, deliveriesBound, rerunAfterMs, violations };
}
