import { randomUUID } from 'node:crypto';
import { finished } from 'node:stream/promises';
import { Busboy } from '@fastify/busboy';
import { HttpStatus } from '@nestjs/common';
import { FastifyAdapter, RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { answerClientError } from './client-error.js';
import { DomainError } from './domain-error.js';
import { isDeeperThan } from './json-depth.js';
import { problem, sendProblem } from './problem-details.filter.js';

/** Bodies above this many bytes are refused with 413 (Stripe's events are far smaller). */
export const BODY_LIMIT_BYTES = 512 * 1024;
/** A request that has not arrived completely within this time is answered with 408. */
const REQUEST_TIMEOUT_MS = 10_000;
const KEEP_ALIVE_TIMEOUT_MS = 65_000;

/** The validation of a body calls itself for each level. */
const JSON_LEVELS_MAX = 100;

const SEND_JSON = Object.assign(new Error('Send JSON (content-type: application/json)'), { statusCode: 415 });
const UNREADABLE = Object.assign(new Error('The form cannot be read'), { statusCode: 400 });
const TOO_DEEP = new DomainError('body_too_deep', `JSON has at most ${JSON_LEVELS_MAX} levels`);
/** Both encodings of HTML forms. Mail programs unsubscribe (RFC 8058) with either. */
const FORMS = ['application/x-www-form-urlencoded', 'multipart/form-data'];
const FORM_LIMIT_BYTES = 8 * 1024;

/** A route that accepts HTML forms. All others refuse forms, because any site could send one. */
export const TakesForm = (): MethodDecorator => RouteConfig({ [TAKES_FORM]: true });
const TAKES_FORM = 'takesForm';

/** Whether a request is for such a route, whose answers are pages for people. */
export function takesForm({ routeOptions: { config } }: FastifyRequest): boolean {
  return TAKES_FORM in config;
}

/** A route that gets the raw bytes of any content type, because its signature covers the exact bytes. */
export const TakesRawBody = (): MethodDecorator => RouteConfig({ [TAKES_RAW_BODY]: true });
const TAKES_RAW_BODY = 'takesRawBody';

function takesRawBody({ routeOptions: { config } }: FastifyRequest): boolean {
  return TAKES_RAW_BODY in config;
}

/**
 * Fastify with our limits. Create the Nest application with `bodyParser: false`.
 * @param trustedProxies comma-separated networks whose `X-Forwarded-For` is trusted
 */
export function createFastifyAdapter(trustedProxies?: string): FastifyAdapter {
  const adapter = new FastifyAdapter({
    genReqId: () => randomUUID(),
    trustProxy: trustedProxies ?? false,
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    http: { headersTimeout: REQUEST_TIMEOUT_MS, connectionsCheckingInterval: 1000 },
    forceCloseConnections: 'idle',
    // A stopping process still serves open connections and asks the clients to close them.
    return503OnClosing: false,
    routerOptions: { maxParamLength: 512 },
    clientErrorHandler: answerClientError,
    frameworkErrors: refuseUrl,
    rewriteUrl: ({ url = '' }) => readable(url),
  });
  const fastify = adapter.getInstance();
  const parseJson = fastify.getDefaultJsonParser('error', 'error');
  // Fastify would refuse an unreadable content type before any parser gets the body.
  fastify.addHook('onRequest', (request, _reply, done) => {
    if (takesRawBody(request)) request.headers['content-type'] = 'application/octet-stream';
    done();
  });
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) =>
    parseJson.call(fastify, request, body as string, (error, json) => {
      const isTooDeep = !error && isDeeperThan(JSON_LEVELS_MAX, json);
      done(isTooDeep ? TOO_DEEP : error, json);
    }),
  );
  fastify.addContentTypeParser(
    FORMS,
    { parseAs: 'buffer', bodyLimit: FORM_LIMIT_BYTES },
    async (request: FastifyRequest, body: Buffer) => {
      if (request.is404) return {};
      if (!takesForm(request)) throw SEND_JSON;
      return readForm(request.headers['content-type'] ?? '', body);
    },
  );
  fastify.addContentTypeParser('*', { parseAs: 'buffer' }, (request, body, done) => {
    if (takesRawBody(request) || request.is404) done(null, body);
    else done(SEND_JSON);
  });
  return adapter;
}

/** Keeps a percent sign that begins no character, so that a damaged link gets the page of an unknown link. */
function readable(url: string): string {
  const [path = '', ...query] = url.split('?');
  return isDecodable(path) ? url : [path.replaceAll('%', '%25'), ...query].join('?');
}

function isDecodable(path: string): boolean {
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}

/**
 * Refuses a URL that is too long for a route. No hook runs for it. The answer does not repeat it, because it
 * may hold a secret.
 */
function refuseUrl({ statusCode }: FastifyError, _request: FastifyRequest, reply: FastifyReply): void {
  void reply.headers({ 'referrer-policy': 'no-referrer', 'x-content-type-options': 'nosniff' });
  const status: HttpStatus = statusCode ?? HttpStatus.BAD_REQUEST;
  sendProblem(reply, problem(status, 'invalid_request', 'The URL cannot be read'));
}

/**
 * Reads the fields of a form. The last value of a name wins, as for a checkbox that follows its "off" field.
 */
async function readForm(contentType: string, body: Buffer): Promise<Record<string, string>> {
  const fields: [string, string][] = [];
  try {
    const parser = new Busboy({ headers: { 'content-type': contentType } });
    parser.on('field', (name, value) => fields.push([name, value]));
    parser.on('file', (_name, content) => content.resume());
    const read = finished(parser);
    parser.end(body);
    await read;
  } catch {
    throw UNREADABLE;
  }
  return Object.fromEntries(fields);
}
