import { MonitoringSettings } from '../../monitoring/monitoring.settings.js';
import { JOBS_TABLE } from '../../platform/jobs/engine.queries.js';
import { JobSettings } from '../../platform/jobs/job.settings.js';
import { describeStorage, type Storage, STORAGE } from '../../monitoring/storage/storage.js';
import { type Check, note, ok, problem, warning } from './check.js';
import { onDatabase, OWN_TABLES } from './database.checks.js';
import { automations } from './automations.check.js';
import { connectors } from './connectors.check.js';
import { segments } from './segments.check.js';

/** Whether alerts reach a person. */
const alertRoutes: Check = {
  name: 'alert routes',
  needs: [],
  async look({ environment }) {
    const { emailTo, webhookUrl } = new MonitoringSettings(environment);
    const routes = [emailTo && 'ALERT_EMAIL_TO', webhookUrl && 'ALERT_WEBHOOK_URL'];
    const set = routes.filter(Boolean);
    if (set.length > 0) return [ok(`Alerts go out by ${set.join(' and ')}, and are logged`)];
    return [
      warning(
        'Alerts are only logged: no one gets a message',
        'Set ALERT_EMAIL_TO or ALERT_WEBHOOK_URL, or have Prometheus alert with ops/prometheus/alerts.yml',
      ),
    ];
  },
};

interface Fleet {
  workers: number;
  /** The age of the latest evaluation of the alerts; null if there was none. */
  evaluatedSecondsAgo: number | null;
}

const FLEET = `
  select
    (select count(*)::int from job_workers where last_heartbeat_at > now() - $1 * interval '1 second') as workers,
    (select extract(epoch from now() - max(evaluated_at))::float8 from alerts) as "evaluatedSecondsAgo"`;

/** Three rounds of evaluation. */
const EVALUATED_SECONDS_MAX = 90;

/**
 * Whether a worker runs. If no process runs, the service may not have been started yet, which is no problem.
 */
const workers = onDatabase('workers', async ({ database, environment }) => {
  const fleet = await database.row<Fleet>(FLEET, [new JobSettings(environment).leaseSeconds]);
  if (fleet.workers > 0) return [ok(`${fleet.workers} run`)];
  if (fleet.evaluatedSecondsAgo === null) return [note('No process of the service has run yet')];
  const start = 'Start a process whose PROCESS_ROLES contain worker';
  if (fleet.evaluatedSecondsAgo > EVALUATED_SECONDS_MAX)
    return [warning('No process of the service runs', start)];
  return [problem('No worker runs: mails and all other jobs wait', start)];
});

/** The sizes of the database and its tables. The disk of the database is not visible from here. */
const storage = onDatabase('storage', async ({ database }) => {
  const tables = [...OWN_TABLES, JOBS_TABLE];
  return [note(describeStorage(await database.row<Storage>(STORAGE, [tables])))];
});

interface RevenueComparison {
  differences: number;
  /** Null before the first one. */
  checkedAt: Date | null;
}

/** Whether the newest hourly comparison found revenue that is not the sum of its movements. */
const revenue = onDatabase('revenue', async ({ database }) => {
  const { differences, checkedAt } = await database.row<RevenueComparison>(REVENUE);
  if (checkedAt === null) return [note('Revenue has not been compared with its movements yet')];
  const at = checkedAt.toISOString();
  if (differences === 0) return [ok(`The sum of its movements, at ${at}`)];
  return [
    problem(
      `The revenue of ${differences} customers was not the sum of its movements at ${at}`,
      'Follow docs/runbook.md, "Revenue does not add up"',
    ),
  ];
});

const REVENUE = `
  select max(differences) as differences, max(checked_at) as "checkedAt" from revenue_checks`;

export const OPERATION_CHECKS: readonly Check[] = [
  alertRoutes,
  workers,
  revenue,
  segments,
  connectors,
  automations,
  storage,
];
