import { readFileSync, writeFileSync } from 'node:fs';
import { type MetricName, METRICS, RUNTIME_METRICS } from '../src/platform/metrics/metric-catalogue.js';

const FILE = new URL('../ops/grafana/dashboard.json', import.meta.url);

type Known = MetricName | (typeof RUNTIME_METRICS)[number];

/** A row of panels. Each query refers to a metric of the catalogue, so the metric exists. */
interface Panel {
  title: string;
  metric: Known;
  /** `$m` stands for the metric. */
  query: string;
  legend?: string;
  unit?: string;
  type?: 'timeseries' | 'stat' | 'heatmap';
}

const RATE = '[$__rate_interval]';
const rateBy = (labels: string) => `sum by (${labels}) (rate($m${RATE}))`;
const p95 = (by = '') => `histogram_quantile(0.95, sum by (le${by && `, ${by}`}) (rate($m_bucket${RATE})))`;

const ROWS: Record<string, Panel[]> = {
  Throughput: [
    {
      title: 'Events by outcome',
      metric: 'webhook_events_total',
      query: rateBy('outcome'),
      legend: '{{outcome}}',
      unit: 'reqps',
    },
    {
      title: 'Events by type',
      metric: 'webhook_events_total',
      query: rateBy('type'),
      legend: '{{type}}',
      unit: 'reqps',
    },
    {
      title: 'Errors by code',
      metric: 'webhook_event_errors_total',
      query: rateBy('code'),
      legend: '{{code}}',
      unit: 'reqps',
    },
    {
      title: 'Not stored',
      metric: 'webhook_refused_total',
      query: rateBy('reason'),
      legend: '{{reason}}',
      unit: 'reqps',
    },
    {
      title: 'Signature failures',
      metric: 'webhook_signature_failures_total',
      query: rateBy('cause'),
      legend: '{{cause}}',
      unit: 'reqps',
    },
    {
      title: 'Matching secret',
      metric: 'webhook_secret_matches_total',
      query: rateBy('position'),
      legend: 'secret {{position}}',
      unit: 'reqps',
    },
  ],
  Latency: [
    {
      title: 'Processing time',
      metric: 'webhook_processing_seconds',
      query: `sum by (le) (increase($m_bucket${RATE}))`,
      legend: '{{le}}',
      unit: 's',
      type: 'heatmap',
    },
    { title: 'Processing, p95', metric: 'webhook_processing_seconds', query: p95(), unit: 's' },
    {
      title: "From Stripe's creation to commit, p95",
      metric: 'webhook_event_age_seconds',
      query: p95(),
      unit: 's',
    },
    {
      title: 'Events per transaction',
      metric: 'webhook_batch_events',
      query: `sum(rate($m_sum${RATE})) / sum(rate($m_count${RATE}))`,
    },
    { title: 'Transaction, p95', metric: 'webhook_batch_seconds', query: p95(), unit: 's' },
    { title: 'Waiting room', metric: 'webhook_waiting_events', query: 'sum($m)' },
  ],
  Delivery: [
    {
      title: 'Tries by outcome',
      metric: 'notification_attempts_total',
      query: rateBy('channel, outcome'),
      legend: '{{channel}} {{outcome}}',
    },
    {
      title: 'Ended',
      metric: 'notifications_ended_total',
      query: rateBy('kind, status'),
      legend: '{{kind}} {{status}}',
    },
    {
      title: 'A try, p95',
      metric: 'notification_attempt_seconds',
      query: p95('channel'),
      legend: '{{channel}}',
      unit: 's',
    },
    {
      title: 'Paused channels',
      metric: 'notification_channel_paused',
      query: 'max by (channel) ($m)',
      legend: '{{channel}}',
    },
    { title: 'Caps reached', metric: 'mail_caps_reached_total', query: rateBy('cap'), legend: '{{cap}}' },
  ],
  Jobs: [
    { title: 'Jobs', metric: 'jobs', query: 'max by (state) ($m)', legend: '{{state}}' },
    { title: 'Oldest due job', metric: 'job_oldest_ready_seconds', query: 'max($m)', unit: 's' },
    {
      title: 'Runs',
      metric: 'job_runs_total',
      query: rateBy('task, outcome'),
      legend: '{{task}} {{outcome}}',
    },
    { title: 'A run, p95', metric: 'job_run_seconds', query: p95('task'), legend: '{{task}}', unit: 's' },
    {
      title: 'Open events',
      metric: 'webhook_open_events',
      query: 'max by (outcome) ($m)',
      legend: '{{outcome}}',
    },
  ],
  'Watchdog and alerts': [
    {
      title: 'Built-in alerts that fire',
      metric: 'alert_firing',
      query: 'max by (alert) ($m) > 0',
      legend: '{{alert}}',
      type: 'stat',
    },
    {
      title: 'Watchdog',
      metric: 'watchdog_check_ok',
      query: 'min by (check) ($m)',
      legend: '{{check}}',
      type: 'stat',
    },
    {
      title: 'Drift',
      metric: 'reconciliation_findings',
      query: 'max by (kind) ($m)',
      legend: '{{kind}}',
      type: 'stat',
    },
    {
      title: 'Keys refused',
      metric: 'requests_refused_total',
      query: rateBy('reason'),
      legend: '{{reason}}',
    },
  ],
  Behaviour: [
    {
      title: 'Events of clients',
      metric: 'behaviour_events_total',
      query: rateBy('type'),
      legend: '{{type}}',
      unit: 'reqps',
    },
    {
      title: 'Events refused',
      metric: 'behaviour_events_refused_total',
      query: rateBy('code'),
      legend: '{{code}}',
      unit: 'reqps',
    },
    { title: 'Waiting for an identity', metric: 'behaviour_events_waiting', query: 'max ($m)' },
  ],
  Processes: [
    {
      title: 'Database',
      metric: 'database_up',
      query: 'min by (instance) ($m)',
      legend: '{{instance}}',
      type: 'stat',
    },
    {
      title: 'Connections',
      metric: 'database_pool_connections',
      query: 'sum by (pool, state) ($m)',
      legend: '{{pool}} {{state}}',
    },
    {
      title: 'Waiting for a connection',
      metric: 'database_pool_waiting',
      query: 'max by (pool) ($m)',
      legend: '{{pool}}',
    },
    {
      title: 'Event loop lag, p99',
      metric: 'nodejs_eventloop_lag_p99_seconds',
      query: 'max by (instance) ($m)',
      legend: '{{instance}}',
      unit: 's',
    },
    {
      title: 'Memory',
      metric: 'process_resident_memory_bytes',
      query: '$m',
      legend: '{{instance}}',
      unit: 'bytes',
    },
    { title: 'CPU', metric: 'process_cpu_seconds_total', query: `rate($m${RATE})`, legend: '{{instance}}' },
    {
      title: 'Versions',
      metric: 'mingus_build_info',
      query: 'count by (version, commit) ($m)',
      legend: '{{version}} {{commit}}',
      type: 'stat',
    },
  ],
};

const WIDTH = 8;
const HEIGHT = 8;
const COLUMNS = 24;

/** The dashboard as Grafana imports it. */
export function dashboard(): object {
  let y = 0;
  let id = 0;
  const panels = Object.entries(ROWS).flatMap(([title, row]) => {
    const placed: object[] = [
      {
        id: (id += 1),
        type: 'row',
        title,
        collapsed: false,
        panels: [],
        gridPos: { x: 0, y, w: COLUMNS, h: 1 },
      },
    ];
    y += 1;
    row.forEach((panel, index) => {
      const gridPos = {
        x: (index * WIDTH) % COLUMNS,
        y: y + Math.floor((index * WIDTH) / COLUMNS) * HEIGHT,
        w: WIDTH,
        h: HEIGHT,
      };
      placed.push({ id: (id += 1), ...toPanel(panel), gridPos });
    });
    y += Math.ceil((row.length * WIDTH) / COLUMNS) * HEIGHT;
    return placed;
  });
  return {
    uid: 'mingus-onboarding',
    title: 'MINGUS customer onboarding',
    schemaVersion: 39,
    refresh: '30s',
    time: { from: 'now-6h', to: 'now' },
    templating: {
      list: [{ name: 'datasource', type: 'datasource', query: 'prometheus', label: 'Prometheus' }],
    },
    panels,
  };
}

function toPanel({
  title,
  metric,
  query,
  legend = title,
  unit = 'short',
  type = 'timeseries',
}: Panel): object {
  const help = metric in METRICS ? METRICS[metric as MetricName].help : '';
  const format = type === 'heatmap' ? 'heatmap' : 'time_series';
  return {
    type,
    title,
    description: help,
    datasource: { type: 'prometheus', uid: '${datasource}' },
    fieldConfig: { defaults: { unit }, overrides: [] },
    targets: [{ refId: 'A', expr: query.replaceAll('$m', metric), legendFormat: legend, format }],
  };
}

const text = `${JSON.stringify(dashboard(), null, 2)}\n`;
if (!process.argv.includes('--check')) writeFileSync(FILE, text);
else if (readFileSync(FILE, 'utf8') !== text) {
  process.stderr.write(
    'ops/grafana/dashboard.json is not what the metrics are: run "npm run dashboard" and commit it\n',
  );
  process.exitCode = 1;
}
