import { randomUUID } from 'node:crypto';
import { HttpStatus } from '@nestjs/common';
import { FastifyAdapter, RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { problem, sendProblem } from './problem-details.filter.js';

/** Bodies above this many bytes are refused with 413 (Stripe's events are far smaller). */
export const BODY_LIMIT_BYTES = 512 * 1024;
/** A request that has not arrived completely after this time is cut (408). */
const REQUEST_TIMEOUT_MS = 10_000;
const KEEP_ALIVE_TIMEOUT_MS = 65_000;

const SEND_JSON = Object.assign(new Error('Send JSON (content-type: application/json)'), { statusCode: 415 });
const UNREADABLE = Object.assign(new Error('The form cannot be read'), { statusCode: 400 });
/** Both encodings that HTML knows; mail programs unsubscribe (RFC 8058) in either. */
const FORMS = ['application/x-www-form-urlencoded', 'multipart/form-data'];
const FORM_LIMIT_BYTES = 8 * 1024;

/** A route that takes what an HTML form sends; all others refuse forms, which any site could have sent. */
export const TakesForm = (): MethodDecorator => RouteConfig({ [TAKES_FORM]: true });
const TAKES_FORM = 'takesForm';

/** Whether a request is for such a route: people see what it answers. */
export function takesForm({ routeOptions: { config } }: FastifyRequest): boolean {
  return TAKES_FORM in config;
}

/** Routes that get the raw bytes of any content type: their signature covers the bytes as sent. */
const RAW_BODY_ROUTES = new Set(['/webhooks/stripe', '/webhooks/mail']);

/**
 * Fastify with our limits. Create the Nest application with `bodyParser: false`.
 * @param trustedProxies comma-separated networks whose `X-Forwarded-For` is believed
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
    // Whoever still has a connection of a stopping process is served, and told to close it.
    return503OnClosing: false,
    routerOptions: { maxParamLength: 512 },
    frameworkErrors: refuseUrl,
    rewriteUrl: ({ url = '' }) => readable(url),
  });
  const fastify = adapter.getInstance();
  const parseJson = fastify.getDefaultJsonParser('error', 'error');
  const isRaw = (request: FastifyRequest) => RAW_BODY_ROUTES.has(request.routeOptions.url ?? '');
  // A content type that cannot be read would be refused before any parser sees the body.
  fastify.addHook('onRequest', (request, _reply, done) => {
    if (isRaw(request)) request.headers['content-type'] = 'application/octet-stream';
    done();
  });
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('application/json', { parseAs: 'string' }, parseJson);
  fastify.addContentTypeParser(
    FORMS,
    { parseAs: 'buffer', bodyLimit: FORM_LIMIT_BYTES },
    async (request: FastifyRequest, body: Buffer) => {
      if (!takesForm(request)) throw SEND_JSON;
      return readForm(request.headers['content-type'] ?? '', body);
    },
  );
  fastify.addContentTypeParser('*', { parseAs: 'buffer' }, (request, body, done) => {
    if (isRaw(request)) done(null, body);
    else done(SEND_JSON);
  });
  return adapter;
}

/** A percent sign that begins no character stands for itself: whose link was mangled gets the page of an unknown one. */
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

/** A URL that leads to no route because it is too long: no hook runs for it, and it may hold a secret. */
function refuseUrl({ statusCode }: FastifyError, _request: FastifyRequest, reply: FastifyReply): void {
  void reply.headers({ 'referrer-policy': 'no-referrer', 'x-content-type-options': 'nosniff' });
  const status: HttpStatus = statusCode ?? HttpStatus.BAD_REQUEST;
  sendProblem(reply, problem(status, 'invalid_request', 'The URL cannot be read'));
}

/** Its fields; of several with one name the last, as of a checkbox that follows its "off". */
async function readForm(contentType: string, body: Buffer): Promise<Record<string, string>> {
  const form = await new Response(body, { headers: { 'content-type': contentType } }).formData().catch(() => {
    throw UNREADABLE;
  });
  return Object.fromEntries([...form].filter((field) => typeof field[1] === 'string')) as Record<
    string,
    string
  >;
}
