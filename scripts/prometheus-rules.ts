import { readFileSync, writeFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';
import { ALERTS } from '../src/monitoring/alerts/declarations/alert-declarations.js';
import { PROMETHEUS_ONLY } from '../src/monitoring/alerts/declarations/prometheus-only.alerts.js';

const FILE = 'ops/prometheus/alerts.yml';
const HEAD = `# Generated from src/monitoring/alerts/declarations/; tested by alerts.test.yml.
# Load with \`rule_files\`. Every metric is in src/platform/metrics/metric-catalogue.ts.
groups:
  - name: mingus-onboarding
    rules:
`;

const declared = Object.values(ALERTS).flatMap(({ prometheus, severity, runbook, threshold }) =>
  prometheus
    ? [
        {
          severity,
          runbook,
          ...prometheus,
          expr: prometheus.expr.replaceAll('$fire', String(threshold.fire)),
        },
      ]
    : [],
);

const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;

const rules = [...PROMETHEUS_ONLY, ...declared].map(
  ({ name, expr, forMinutes, severity, summary, runbook }) => `
      - alert: Onboarding${name}
        expr: >-
          ${expr.replaceAll('\n', '\n          ')}
        for: ${forMinutes}m
        labels: { severity: ${severity} }
        annotations:
          summary: ${quoted(summary)}
          runbook: docs/runbook.md#${runbook}`,
);

const text = await format(HEAD + rules.join('\n'), { ...(await resolveConfig(FILE)), parser: 'yaml' });
if (!process.argv.includes('--check')) writeFileSync(FILE, text);
else if (readFileSync(FILE, 'utf8') !== text) {
  process.stderr.write(`${FILE} is not what the alerts declare: run "npm run alert-rules" and commit it\n`);
  process.exitCode = 1;
}
