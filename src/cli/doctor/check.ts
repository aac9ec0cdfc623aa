import type { AppConfig } from '../../platform/config/app-config.js';
import type { Environment } from '../../platform/config/environment.js';
import { scrub } from '../../platform/logging/scrub.js';
import type { DoctorDatabase } from './doctor-database.js';

/** From harmless to grave. `skipped`: it could not be looked at, for a reason that another finding tells. */
export type FindingState = 'ok' | 'note' | 'skipped' | 'warning' | 'problem';

export interface Finding {
  check: string;
  state: FindingState;
  detail: string;
  /** What to do about it. */
  mend?: string;
}

/** What a check finds, without its name. */
export type Found = Omit<Finding, 'check'>;

export interface Patient {
  /** The variables that are set and hold. */
  given: ReadonlySet<string>;
  /** Of what is missing it has placeholders: see `needs`. */
  config: AppConfig;
  /** What is wrong with the configuration. */
  problems: readonly string[];
  database: DoctorDatabase;
}

/** Looks at one thing and changes nothing. */
export interface Check {
  name: string;
  /** Without these variables it is skipped. */
  needs: readonly (keyof Environment)[];
  look: (patient: Patient) => Promise<Found[]>;
}

/** The details of a check that found nothing wrong. */
export const ok = (detail: string): Found => ({ state: 'ok', detail });
export const note = (detail: string): Found => ({ state: 'note', detail });
export const warning = (detail: string, mend: string): Found => ({ state: 'warning', detail, mend });
export const problem = (detail: string, mend: string): Found => ({ state: 'problem', detail, mend });
export const skipped = (detail: string): Found => ({ state: 'skipped', detail });

const TIMEOUT_MS = 5000;

/** Runs a check; it has five seconds. One that throws has found a problem. */
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
    const late = problem('No answer within 5 s', 'Look at the network between here and there');
    timer = setTimeout(() => resolve([late]), TIMEOUT_MS);
  });
  return Promise.race([found, overdue]).finally(() => clearTimeout(timer));
}

function unexpected(error: unknown): Found {
  return problem(scrub(String((error as Error)?.message ?? error)), 'Look at what it says');
}
