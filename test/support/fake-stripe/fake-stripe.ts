import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { findFreePort } from '../free-port.js';
import type { Fields } from '../builders.js';
import { billingListRoutes } from './billing-list-routes.js';
import { customerRoutes } from './customer-routes.js';
import { eventRoutes } from './event-routes.js';
import { refused, type Reply, type Route } from './route.js';
import { StripeState } from './stripe-state.js';

/**
 * What the API does with one request instead of answering it: an HTTP status (with `Retry-After`), no answer,
 * or a broken connection. `answer` answers it.
 */
export type Failure = number | { status: number; retryAfter: number } | 'hang' | 'reset' | 'answer';

/** A request as it arrived. */
export interface LoggedRequest {
  method: string;
  /** Includes the query. */
  path: string;
  headers: IncomingMessage['headers'];
}

/**
 * The part of Stripe's API that the service calls: real HTTP with its own {@link StripeState state}. {@link
 * serve} adds further calls.
 */
export class FakeStripe {
  /** All requests, oldest first. */
  readonly requests: LoggedRequest[] = [];
  readonly state = new StripeState(() => this.now());
  /** While set, it applies to every request without an entry of {@link failNext}. */
  outage: Failure | null = null;
  /** Stripe's clock: the `date` of its answers. */
  now = () => new Date();
  private readonly routes: Route[] = [
    ...customerRoutes(this.state),
    ...billingListRoutes(this.state),
    ...eventRoutes(this.state),
  ];
  private readonly failures: Failure[] = [];
  private hold: (() => Promise<void>) | null = null;

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  /** @param port a free port by default */
  static async start(port?: number): Promise<FakeStripe> {
    const server = createServer();
    const chosen = port ?? (await findFreePort());
    await new Promise<void>((resolve) => server.listen(chosen, '127.0.0.1', resolve));
    const fake = new FakeStripe(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    server.on('request', (request, response) => void fake.receive(request, response));
    return fake;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  /** Adds calls to the API, or replaces them. */
  serve(...routes: Route[]): void {
    this.routes.unshift(...routes);
  }

  /** Creates a customer, or replaces it, without an event. */
  put(customer: Fields & { id: string }, account?: string): void {
    this.state.put(customer, account);
  }

  /** Deletes a customer without an event. */
  delete(customerId: string): void {
    this.state.delete(customerId);
  }

  /** Fails the next requests, one each. */
  failNext(...failures: Failure[]): void {
    this.failures.push(...failures);
  }

  /** Fails no more requests. */
  recover(): void {
    this.failures.length = 0;
  }

  /** Makes the next answer at once, but sends it only when it is released. */
  holdNextAnswer(): { isHeld: Promise<void>; release: () => void } {
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const isHeld = new Promise<void>((resolve) => {
      this.hold = async () => {
        this.hold = null;
        resolve();
        await released;
      };
    });
    return { isHeld, release };
  }

  /** How many times a customer was fetched. */
  fetchesOf(customerId: string): number {
    return this.requests.filter(({ path }) => path === `/v1/customers/${customerId}`).length;
  }

  private async receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '', headers } = request;
    this.requests.push({ method, path: url, headers });
    const failure = this.failures.shift() ?? this.outage ?? 'answer';
    if (failure === 'hang') return;
    if (failure === 'reset') return void request.socket.destroy();
    const { status, retryAfter } =
      typeof failure === 'object' ? failure : { status: Number(failure), retryAfter: undefined };
    const reply =
      failure === 'answer'
        ? this.answerOf(method, new URL(url, this.url), headers, await textOf(request))
        : refused(status, { type: 'api_error', message: 'Scripted failure' });
    await this.hold?.();
    this.send(response, reply, retryAfter);
  }

  private answerOf(method: string, url: URL, headers: LoggedRequest['headers'], body: string): Reply {
    const { pathname: path, searchParams: query } = url;
    if (!/^Bearer (sk|rk)_/.test(headers.authorization ?? '')) {
      return refused(401, { type: 'invalid_request_error', message: 'Invalid API Key' });
    }
    for (const route of this.routes) {
      const match = route.method === method ? route.path.exec(path) : null;
      if (match) return route.answer({ method, path, query, params: match.slice(1), headers, body });
    }
    const message = `Unrecognized request URL (${method}: ${path})`;
    return refused(404, { type: 'invalid_request_error', message });
  }

  private send(response: ServerResponse, { status, body }: Reply, retryAfter?: number): void {
    response.writeHead(status, {
      'content-type': 'application/json',
      date: this.now().toUTCString(),
      'request-id': `req_${this.requests.length}`,
      ...(retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }),
    });
    response.end(JSON.stringify(body));
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk;
  return text;
}
