import type { AlertChange } from '../alert-change.entity.js';
import type { AlertRule } from '../alert-rules.js';

/** What people are told. */
export interface AlertNotice {
  readonly id: string;
  readonly name: AlertChange['name'];
  readonly change: AlertChange['change'];
  readonly severity: AlertRule['severity'];
  readonly title: string;
  readonly detail: string;
  readonly occurredAt: Date;
  readonly runbookUrl: string;
}

/** A way to people. */
export interface AlertRoute {
  readonly name: string;
  /** @throws when it was not taken: it is tried again */
  tell(notice: AlertNotice): Promise<void>;
}

const WORDS: Record<AlertChange['change'], string> = {
  inactive: 'INACTIVE',
  pending: 'PENDING',
  firing: 'FIRING',
  reminded: 'STILL FIRING',
  resolved: 'RESOLVED',
};

export function headlineOf({ change, severity, title }: AlertNotice): string {
  return `[${WORDS[change]}] ${severity}: ${title}`;
}

/** What there is to say below the headline, a line each. */
export function linesOf({ name, change, detail, occurredAt, runbookUrl }: AlertNotice): string[] {
  const what = `${detail}.`;
  const when = `${name}, ${occurredAt.toISOString()}`;
  return change === 'resolved' ? [what, when] : [what, when, `What to do: ${runbookUrl}`];
}
