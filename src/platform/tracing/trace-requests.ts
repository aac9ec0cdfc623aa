import { context, propagation, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';

/** Makes a span of each request, as part of the trace in its `traceparent` header, if it has one. */
export function traceRequests(app: NestFastifyApplication): void {
  const tracer = trace.getTracer('mingus-onboarding');
  const spans = new WeakMap<object, Span>();
  const fastify = app.getHttpAdapter().getInstance();
  fastify.addHook('onRequest', (request, _reply, done) => {
    const route = request.routeOptions.url ?? 'unknown';
    const attributes = { 'http.request.method': request.method, 'http.route': route };
    const options = { kind: SpanKind.SERVER, attributes };
    const caller = propagation.extract(context.active(), request.headers);
    spans.set(request, tracer.startSpan(`${request.method} ${route}`, options, caller));
    done();
  });
  // Not earlier, because the context is that of the connection while the body is read.
  fastify.addHook('preHandler', (request, _reply, done) => {
    const span = spans.get(request);
    if (span) context.with(trace.setSpan(context.active(), span), done);
    else done();
  });
  fastify.addHook('onResponse', (request, reply, done) => {
    const span = spans.get(request);
    span?.setAttribute('http.response.status_code', reply.statusCode);
    if (reply.statusCode >= 500) span?.setStatus({ code: SpanStatusCode.ERROR });
    span?.end();
    done();
  });
}
