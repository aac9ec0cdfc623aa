import {
  type Attributes,
  context,
  type Link,
  propagation,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';

const tracer = trace.getTracer('mingus-onboarding');

export interface SpanOptions {
  kind?: keyof typeof SpanKind;
  attributes?: Attributes;
  /** Links to the causes of a span. The span then begins its own trace. */
  links?: Link[];
}

/** Runs work as a span. Without `startTracing` there is no span, and the cost is a few function calls. */
export function traced<T>(name: string, options: SpanOptions, work: () => Promise<T>): Promise<T> {
  const { kind = 'INTERNAL', ...rest } = options;
  return tracer.startActiveSpan(
    name,
    { kind: SpanKind[kind], root: rest.links !== undefined, ...rest },
    async (span) => {
      try {
        return await work();
      } catch (error) {
        span.setStatus({ code: SpanStatusCode.ERROR });
        // Only the class, because messages of databases and mail servers hold addresses.
        span.setAttribute('error.type', error instanceof Error ? error.name : typeof error);
        throw error;
      } finally {
        span.end();
      }
    },
  );
}

/** A link from a later span to the present one; undefined without tracing. */
export function presentLink(): Link | undefined {
  const span = trace.getActiveSpan();
  return span && { context: span.spanContext() };
}

/** The present span as W3C `traceparent`, to store with a job; undefined without tracing. */
export function presentTraceparent(): string | undefined {
  const carrier: { traceparent?: string } = {};
  propagation.inject(context.active(), carrier);
  return carrier.traceparent;
}

/**
 * Links to the spans that enqueued a job.
 * @param traceparents from `presentTraceparent`
 */
export function linksOf(traceparents: readonly (string | undefined)[]): Link[] {
  return [...new Set(traceparents)].flatMap((traceparent) => {
    const remote = traceparent && propagation.extract(context.active(), { traceparent });
    const spanContext = remote ? trace.getSpanContext(remote) : undefined;
    return spanContext ? [{ context: spanContext }] : [];
  });
}
