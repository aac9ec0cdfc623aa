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
  /** What caused it, where that is not the span around it: it then begins a trace of its own. */
  links?: Link[];
}

/** Runs work as a span. Without `startTracing` the span is none, and this costs some function calls. */
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
        // The class alone: messages of databases and mail servers hold addresses.
        span.setAttribute('error.type', error instanceof Error ? error.name : typeof error);
        throw error;
      } finally {
        span.end();
      }
    },
  );
}

/** What links a later span to the present one; undefined where nothing is traced. */
export function presentLink(): Link | undefined {
  const span = trace.getActiveSpan();
  return span && { context: span.spanContext() };
}

/** The present span as W3C `traceparent`, to travel with a job; undefined where nothing is traced. */
export function presentTraceparent(): string | undefined {
  const carrier: { traceparent?: string } = {};
  propagation.inject(context.active(), carrier);
  return carrier.traceparent;
}

/** Links to what a job was enqueued by. @param traceparents as `presentTraceparent` gave them */
export function linksOf(traceparents: readonly (string | undefined)[]): Link[] {
  return [...new Set(traceparents)].flatMap((traceparent) => {
    const remote = traceparent && propagation.extract(context.active(), { traceparent });
    const spanContext = remote ? trace.getSpanContext(remote) : undefined;
    return spanContext ? [{ context: spanContext }] : [];
  });
}
