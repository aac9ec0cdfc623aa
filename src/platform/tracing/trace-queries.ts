import { SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';

/** pg's `query`. It takes a text, a config or a query object, and calls back or returns a promise. */
type Query = (...args: unknown[]) => unknown;

const tracer = trace.getTracer('mingus-onboarding');

/**
 * Makes a span of each query below another span. The span holds the text only, because values may be
 * personal.
 */
export function traceQueries(query: Query): Query {
  return (...args) => {
    if (!trace.getActiveSpan()) return query(...args);
    const text = textOf(args[0]);
    const attributes = { 'db.system.name': 'postgresql', ...(text ? { 'db.query.text': text } : {}) };
    const span = tracer.startSpan('sql', { kind: SpanKind.CLIENT, attributes });
    const end = (error?: unknown) => {
      if (error) span.setStatus({ code: SpanStatusCode.ERROR });
      span.end();
    };
    const result = query(...endingWith(args, end));
    if (result instanceof Promise) result.then(() => end(), end);
    return result;
  };
}

/** The arguments with `end` called before the callback, if there is one. */
function endingWith(args: unknown[], end: (error?: unknown) => void): unknown[] {
  const [first, ...rest] = args;
  const last = rest.at(-1);
  if (typeof last === 'function') return [first, ...rest.slice(0, -1), before(end, last)];
  const given = first as { callback?: unknown };
  if (typeof given === 'object' && typeof given.callback === 'function') {
    given.callback = before(end, given.callback);
  }
  return args;
}

// oxlint-disable-next-line no-unsafe-function-type -- pg's callbacks come in several shapes
function before(end: (error?: unknown) => void, callback: Function): Query {
  return (...results) => {
    end(results[0]);
    return callback(...results);
  };
}

function textOf(query: unknown): string | undefined {
  if (typeof query === 'string') return query;
  const { text } = query as { text?: unknown };
  return typeof text === 'string' && text !== '' ? text : undefined;
}
