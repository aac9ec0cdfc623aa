import type { AlertChange } from '../alert-change.entity.js';
import type { Severity } from '../declarations/alert-declaration.js';
import type { Installation } from './installation.js';

/** A message about an alert. */
export interface AlertNotice {
  readonly id: string;
  readonly name: AlertChange['name'];
  readonly change: AlertChange['change'];
  readonly severity: Severity;
  readonly title: string;
  readonly detail: string;
  readonly occurredAt: Date;
  readonly runbookUrl: string;
  readonly installation: Installation;
}

/** A way to send notices to people. */
export interface AlertRoute {
  readonly name: string;
  /** @throws if the notice was not accepted; it is tried again */
  send(notice: AlertNotice): Promise<void>;
}

const WORDS: Record<AlertChange['change'], string> = {
  inactive: 'INACTIVE',
  pending: 'PENDING',
  firing: 'FIRING',
  reminded: 'STILL FIRING',
  resolved: 'RESOLVED',
};

/** `[FIRING] critical: Work waits (onboarding.mingus.app)` */
export function headlineOf({ change, severity, title, installation }: AlertNotice): string {
  return `[${WORDS[change]}] ${severity}: ${title} (${new URL(installation.publicUrl).host})`;
}

/** The lines below the headline. */
export function linesOf(notice: AlertNotice): string[] {
  const { name, change, detail, occurredAt, runbookUrl, installation } = notice;
  const { publicUrl, environment, host } = installation;
  const what = `${detail}.`;
  const when = `${name}, ${occurredAt.toISOString()}`;
  const where = `Installation: ${publicUrl} (${environment}), reported by host ${host}`;
  return [what, when, where, ...(change === 'resolved' ? [] : [`What to do: ${runbookUrl}`])];
}
