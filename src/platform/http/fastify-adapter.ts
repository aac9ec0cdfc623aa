import { FastifyAdapter, RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';

/** Bodies above this many bytes are refused with 413 (Stripe's events are far smaller). */
export const BODY_LIMIT_BYTES = 512 * 1024;
/** A request that has not arrived completely after this time is cut (408). */
const REQUEST_TIMEOUT_MS = 10_000;
const KEEP_ALIVE_TIMEOUT_MS = 65_000;

const SEND_JSON = Object.assign(new Error('Send JSON (content-type: application/json)'), { statusCode: 415 });
const FORM = 'application/x-www-form-urlencoded';
const FORM_LIMIT_BYTES = 8 * 1024;

/** A route that takes what an HTML form sends; all others refuse forms, which any site could have sent. */
export const TakesForm = (): MethodDecorator => RouteConfig({ [TAKES_FORM]: true });
const TAKES_FORM = 'takesForm';
const isFormRoute = ({ routeOptions: { config } }: FastifyRequest) => TAKES_FORM in config;

/** Routes that get the raw bytes of any content type: their signature covers the bytes as sent. */
const RAW_BODY_ROUTES = new Set(['/webhooks/stripe', '/webhooks/mail']);

/**
 * Fastify with our limits. Create the Nest application with `bodyParser: false`.
 * @param trustedProxies comma-separated networks whose `X-Forwarded-For` is believed
 */
export function createFastifyAdapter(trustedProxies?: string): FastifyAdapter {
  const adapter = new FastifyAdapter({
    trustProxy: trustedProxies ?? false,
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    http: { headersTimeout: REQUEST_TIMEOUT_MS, connectionsCheckingInterval: 1000 },
    forceCloseConnections: 'idle',
    // Whoever still has a connection of a stopping process is served, and told to close it.
    return503OnClosing: false,
    routerOptions: { maxParamLength: 512 },
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
    FORM,
    { parseAs: 'string', bodyLimit: FORM_LIMIT_BYTES },
    (request, body, done) => {
      if (isFormRoute(request)) done(null, Object.fromEntries(new URLSearchParams(String(body))));
      else done(SEND_JSON);
    },
  );
  fastify.addContentTypeParser('*', { parseAs: 'buffer' }, (request, body, done) => {
    if (isRaw(request)) done(null, body);
    else done(SEND_JSON);
  });
  return adapter;
}
