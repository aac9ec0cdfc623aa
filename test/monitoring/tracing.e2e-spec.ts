import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTracing } from '../../src/platform/tracing/start-tracing.js';
import { aCustomer, anEvent, type Fields } from '../support/builders.js';
import { TestApp } from '../support/test-app.js';
import { waitFor } from '../support/wait-for.js';

/** A span as OTLP has it, in JSON. */
interface OtlpSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  links?: { traceId: string; spanId: string }[];
  attributes: { key: string; value: Fields }[];
}

interface OtlpRequest {
  resourceSpans: { scopeSpans: { spans: OtlpSpan[] }[] }[];
}

const TRACE = '0af7651916cd43dd8448eb211c80319c';

describe('traces', () => {
  let collector: Server;
  let spans: OtlpSpan[];
  let text = '';
  const email = 'ada.traced@example.com';

  beforeAll(async () => {
    collector = createServer((request, response) => {
      request.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      request.on('end', () => response.end('{}'));
    });
    await new Promise<void>((resolve) => {
      collector.listen(0, '127.0.0.1', resolve);
    });
    const url = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`;
    const stopTracing = startTracing(url);
    const service = await TestApp.start({ jobs: true, env: { OTEL_EXPORTER_OTLP_ENDPOINT: url } });
    const { metadata } = await service.createUser();
    const event = anEvent(aCustomer({ metadata, email, name: 'Ada Traced' }));
    await service.deliver(event, { headers: { traceparent: `00-${TRACE}-b7ad6b7169203331-01` } });
    await waitFor('sent', () => service.smtp.to(email).length === 3);
    await waitFor(
      'recorded',
      async () => (await service.database.count('notifications', `status = 'sent'`)) === 3,
    );
    await service.stop();
    await stopTracing();
    const requests = text.split(/(?=\{"resourceSpans")/).map((json) => JSON.parse(json) as OtlpRequest);
    spans = requests.flatMap(({ resourceSpans }) =>
      resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans)),
    );
  });
  afterAll(
    () =>
      new Promise((resolve) => {
        collector.closeAllConnections();
        collector.close(resolve);
      }),
  );

  const one = (name: string) => {
    const span = spans.find((other) => other.name === name);
    if (!span)
      throw new Error(`No span ${name} among ${[...new Set(spans.map((other) => other.name))].join(', ')}`);
    return span;
  };
  const isLinkedTo = (span: OtlpSpan, cause: OtlpSpan) =>
    span.links?.some(({ traceId, spanId }) => traceId === cause.traceId && spanId === cause.spanId);
  const childrenOf = ({ spanId }: OtlpSpan) => spans.filter(({ parentSpanId }) => parentSpanId === spanId);

  it('connect the request of a known trace with its batch, its jobs and their mails', () => {
    const request = one('POST /webhooks/stripe');
    const batch = one('webhook batch');
    const job = one('job deliver-notification');

    expect(request.traceId).toBe(TRACE);
    expect(isLinkedTo(batch, request)).toBe(true);
    expect(isLinkedTo(job, batch)).toBe(true);
    expect(childrenOf(job).filter(({ name }) => name === 'smtp send')).toHaveLength(3);
  });

  it('show the SQL of each step', () => {
    const statements = childrenOf(one('webhook batch')).filter(({ name }) => name === 'sql');
    const texts = statements.flatMap(({ attributes }) =>
      attributes.filter(({ key }) => key === 'db.query.text').map(({ value }) => value.stringValue),
    );

    expect(texts).toContainEqual(expect.stringMatching(/from webhook_events/));
    expect(childrenOf(one('job track-customer-created')).map(({ name }) => name)).toContain('sql');
  });

  it('hold no personal data of the customer', () => {
    expect(text).not.toContain(email);
    expect(text).not.toContain('Traced');
  });
});
