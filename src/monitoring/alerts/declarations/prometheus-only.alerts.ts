import type { PrometheusRule, Severity } from './alert-declaration.js';

/** Rules without a built-in alert. */
interface PrometheusOnlyRule extends PrometheusRule {
  readonly severity: Severity;
  /** Section of docs/runbook.md. */
  readonly runbook: string;
}

/** Rules that only an outside observer can evaluate, or that combine built-in alerts in another way. */
export const PROMETHEUS_ONLY: readonly PrometheusOnlyRule[] = [
  {
    name: 'Down',
    expr: 'up{job="mingus-onboarding"} == 0',
    forMinutes: 2,
    severity: 'critical',
    summary: '{{ $labels.instance }} does not answer',
    runbook: 'a-process-does-not-answer',
  },
  {
    name: 'Watchdog',
    expr: 'min by (check) (watchdog_check_ok) == 0',
    forMinutes: 10,
    severity: 'warning',
    summary: 'The watchdog warns: {{ $labels.check }}',
    runbook: 'the-watchdog-warns',
  },
  {
    name: 'PoolExhausted',
    expr: 'max by (instance, pool) (database_pool_waiting) > 10',
    forMinutes: 5,
    severity: 'warning',
    summary: 'Requests wait for connections of the pool {{ $labels.pool }}',
    runbook: '503-and-slow-answers-processing-timeouts',
  },
  {
    name: 'EventLoopBlocked',
    expr: 'nodejs_eventloop_lag_p99_seconds > 0.5',
    forMinutes: 5,
    severity: 'warning',
    summary: '{{ $labels.instance }} is too busy: its event loop lags by {{ $value | humanizeDuration }}',
    runbook: 'a-process-is-too-busy',
  },
];
