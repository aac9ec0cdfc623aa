import type { Environment } from '../../platform/settings/settings.js';
import { scrub } from '../../platform/logging/scrub.js';
import type { DoctorDatabase } from './doctor-database.js';

/** In the order of severity. `skipped`: the check could not run, for a reason in another finding. */
export type FindingState = 'ok' | 'note' | 'skipped' | 'warning' | 'problem';

export interface Finding {
  check: string;
  state: FindingState;
  detail: string;
  /** The remedy. */
  mend?: string;
}

/** A finding without the name of its check. */
export type Found = Omit<Finding, 'check'>;

export interface Patient {
  /** The variables that are set and valid. */
  given: ReadonlySet<string>;
  /** Missing and invalid variables have placeholders: see `needs`. */
  environment: Environment;
  /** The problems of the configuration. */
  problems: readonly string[];
  database: DoctorDatabase;
}

/** Checks one aspect and changes nothing. */
export interface Check {
  name: string;
  /** The check is skipped without these variables. */
  needs: readonly string[];
  look: (patient: Patient) => Promise<Found[]>;
}

/** The finding of a check without a problem. */
export const ok = (detail: string): Found => ({ state: 'ok', detail });
export const note = (detail: string): Found => ({ state: 'note', detail });
export const warning = (detail: string, mend: string): Found => ({ state: 'warning', detail, mend });
export const problem = (detail: string, mend: string): Found => ({ state: 'problem', detail, mend });
export const skipped = (detail: string): Found => ({ state: 'skipped', detail });

const TIMEOUT_MS = 5000;

/** Runs a check for at most five seconds. An error is a problem. */
export async function run({ name, needs, look }: Check, patient: Patient): Promise<Finding[]> {
  const missing = needs.filter((variable) => !patient.given.has(variable));
  const found =
    missing.length > 0
      ? [skipped(`needs ${missing.join(', ')}`)]
      : await withinTime(look(patient)).catch((error: unknown) => [unexpected(error)]);
  return found.map((one) => ({ check: name, ...one }));
}

async function withinTime(found: Promise<Found[]>): Promise<Found[]> {
  let timer: NodeJS.Timeout | undefined;
  const overdue = new Promise<Found[]>((resolve) => {
    const late = problem('No answer within 5 s', 'Check the network between this machine and the other side');
    timer = setTimeout(() => resolve([late]), TIMEOUT_MS);
  });
  return Promise.race([found, overdue]).finally(() => clearTimeout(timer));
}

function unexpected(error: unknown): Found {
  return problem(
    scrub(String((error as Error)?.message ?? error)),
    'The message above is the only information there is',
  );
}
