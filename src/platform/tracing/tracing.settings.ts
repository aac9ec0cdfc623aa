import { webUrl } from '../settings/rule.js';
import { settings } from '../settings/settings.js';

export class TracingSettings extends settings('Traces', {
  /** Without a URL nothing is traced. */
  collectorUrl: {
    name: 'OTEL_EXPORTER_OTLP_ENDPOINT',
    rule: webUrl,
    otherwise: 'no traces',
    meaning:
      "The collector that OpenTelemetry traces are sent to over HTTP, such as `http://collector:4318`: requests, batches, SQL, jobs and SMTP. The SDK's other `OTEL_…` variables hold as well.",
  },
}) {}
