import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import proxyAddress from '@fastify/proxy-addr';
import { HttpStatus } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import { HttpSettings } from '../../platform/http/http.settings.js';
import { TracingSettings } from '../../platform/tracing/tracing.settings.js';
import { Drain } from '../../platform/http/drain.js';
import { BODY_LIMIT_BYTES } from '../../platform/http/fastify-adapter.js';
import { describeFailure, toProblemBody } from '../../platform/http/problem-details.filter.js';
import { Deliveries, RETRY_AFTER_SECONDS } from './deliveries.service.js';
import { SignatureRefusals } from './signature-refusals.service.js';

const PATH = '/webhooks/stripe';
const JSON_TYPE = 'application/json; charset=utf-8';
const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';
const UNSIGNED = JSON.stringify({ success: false, error: 'Invalid signature' });

/**
 * Handles plain deliveries before Fastify and Nest, with exactly the same answers as the controller. The
 * framework cost a third of the CPU time of an accepted event, and a flood of unsigned requests made accepted
 * events ten times as slow. Unusual requests (no length, too long, chunked, traced) go through the framework.
 */
export function openDeliveryLane(app: NestFastifyApplication): void {
  const lane = new DeliveryLane(app);
  const server: Server = app.getHttpServer();
  const [passOn] = server.listeners('request') as [(...args: [IncomingMessage, ServerResponse]) => void];
  server.removeAllListeners('request');
  server.on('request', (request, response) => {
    if (!lane.take(request, response)) passOn.call(server, request, response);
  });
}

class DeliveryLane {
  private readonly deliveries: Deliveries;
  private readonly refusals: SignatureRefusals;
  private readonly drain: Drain;
  private readonly addressOf: (request: IncomingMessage) => string | undefined;
  private readonly isTraced: boolean;
  /**
   * Header names and values in turn, as `writeHead` takes them. Until they are known, all requests go through
   * the framework.
   */
  private headers: readonly string[] | null = null;

  constructor(app: NestFastifyApplication) {
    this.deliveries = app.get(Deliveries);
    this.refusals = app.get(SignatureRefusals);
    this.drain = app.get(Drain);
    this.addressOf = clientAddress(app.get(HttpSettings).trustedProxies);
    this.isTraced = app.get(TracingSettings).collectorUrl !== undefined;
    const fastify: FastifyInstance = app.getHttpAdapter().getInstance();
    fastify.addHook('onListen', async () => {
      this.headers = await commonHeaders(fastify);
    });
  }

  /** @returns false for a request that must go through the framework; it is untouched */
  take(request: IncomingMessage, response: ServerResponse): boolean {
    if (request.method !== 'POST' || request.url !== PATH || this.headers === null) return false;
    if (request.headers['stripe-signature'] === undefined) {
      this.refusals.record('missing', this.addressOf(request));
      this.send(response, HttpStatus.BAD_REQUEST, JSON_TYPE, UNSIGNED);
      return true;
    }
    const length = lengthOf(request);
    if (this.isTraced || length === null) return false;
    readBody(request, length, (bytes) => this.deliver(request, bytes, response));
    return true;
  }

  private deliver(request: IncomingMessage, bytes: Buffer, response: ServerResponse): void {
    const { headers } = request;
    this.deliveries.receive({ headers, ip: this.addressOf(request) }, bytes).then(
      ({ status, answer }) => this.send(response, status, JSON_TYPE, JSON.stringify(answer)),
      (error) => {
        const problem = describeFailure(error);
        this.send(response, problem.status, PROBLEM_TYPE, toProblemBody(problem));
      },
    );
  }

  private send(response: ServerResponse, status: HttpStatus, contentType: string, body: string): void {
    const headers = [...(this.headers ?? [])];
    if (this.drain.hasBegun) headers.push('connection', 'close');
    if (status === HttpStatus.SERVICE_UNAVAILABLE) headers.push('retry-after', String(RETRY_AFTER_SECONDS));
    headers.push('content-type', contentType, 'content-length', String(Buffer.byteLength(body)));
    response.writeHead(status, headers).end(body);
  }
}

/** The length of a body that is not chunked and is within the limit; null for any other. */
function lengthOf({ headers }: IncomingMessage): number | null {
  const length = Number(headers['content-length']);
  const isPlain = headers['transfer-encoding'] === undefined && length > 0 && length <= BODY_LIMIT_BYTES;
  return isPlain ? length : null;
}

/** Reads the body. Node's parser enforces the announced length and the request timeout. */
function readBody(request: IncomingMessage, length: number, take: (bytes: Buffer) => void): void {
  const chunks: Buffer[] = [];
  let size = 0;
  request.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    size += chunk.length;
    if (size === length) take(chunks.length === 1 ? chunk : Buffer.concat(chunks));
  });
  // The sender closed the connection before the body was complete, so no answer is possible.
  request.on('error', () => chunks.splice(0));
}

/**
 * The headers of every answer of the route, taken from a real answer of the framework, so that both ways stay
 * equal.
 */
async function commonHeaders(fastify: FastifyInstance): Promise<string[]> {
  const headers = { 'content-length': String(BODY_LIMIT_BYTES + 1), traceparent: NOT_SAMPLED };
  const answer = await fastify.inject({ method: 'POST', url: PATH, headers, payload: '-' });
  return Object.entries(answer.headers)
    .filter(([name]) => !OF_ONE_ANSWER.has(name))
    .flatMap(([name, value]) => [name, String(value)]);
}

/** A `traceparent` that is not sampled, so that this internal request is not traced. */
const NOT_SAMPLED = '00-00000000000000000000000000000001-0000000000000001-00';
const OF_ONE_ANSWER = new Set(['content-type', 'content-length', 'connection', 'date', 'keep-alive']);

/** Finds the client address as Fastify does: the first one from the right that is not a trusted proxy's. */
function clientAddress(trustedProxies: string | undefined): (request: IncomingMessage) => string | undefined {
  if (trustedProxies === undefined) return ({ socket }) => socket.remoteAddress;
  const isTrusted = proxyAddress.compile(trustedProxies.split(',').map((network) => network.trim()));
  return (request) => proxyAddress(request, isTrusted);
}
