import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Fields } from './builders.js';
import { findFreePort } from '../../src/platform/development/free-port.js';

/** What the API does to one request instead of answering it: an HTTP status, or nothing for ever. */
export type Failure = number | 'hang' | 'reset';

/** A request as it arrived. */
export interface LoggedRequest {
  method: string;
  path: string;
  headers: IncomingMessage['headers'];
}

const CUSTOMER_PATH = /^\/v1\/customers\/(\w+)$/;

/** Stripe's API as far as the service calls it: real HTTP, with a state of its own. */
export class FakeStripe {
  /** All requests, oldest first. */
  readonly requests: LoggedRequest[] = [];
  /** Stripe's clock: the `date` of its answers. */
  now = () => new Date();
  private readonly customers = new Map<string, Fields>();
  private readonly failures: Failure[] = [];

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async start(): Promise<FakeStripe> {
    const server = createServer();
    const port = await findFreePort();
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    const fake = new FakeStripe(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    server.on('request', (request, response) => fake.receive(request, response));
    return fake;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  /** Creates a customer, or replaces it. */
  put(customer: Fields & { id: string }): void {
    this.customers.set(customer.id, customer);
  }

  /** What is left of a customer is its id. */
  delete(customerId: string): void {
    this.customers.set(customerId, { id: customerId, object: 'customer', deleted: true });
  }

  /** Fails the next requests, one each. */
  failNext(...failures: Failure[]): void {
    this.failures.push(...failures);
  }

  /** How often a customer has been asked for. */
  fetchesOf(customerId: string): number {
    return this.requests.filter(({ path }) => path === `/v1/customers/${customerId}`).length;
  }

  private receive(request: IncomingMessage, response: ServerResponse): void {
    const { method = '', url: path = '', headers } = request;
    this.requests.push({ method, path, headers });
    const failure = this.failures.shift();
    if (failure === 'hang') return;
    if (failure === 'reset') return void request.socket.destroy();
    if (failure) return this.refuse(response, failure, { type: 'api_error', message: 'Scripted failure' });
    if (!/^Bearer (sk|rk)_/.test(headers.authorization ?? '')) {
      return this.refuse(response, 401, { type: 'invalid_request_error', message: 'Invalid API Key' });
    }
    const customerId = method === 'GET' ? CUSTOMER_PATH.exec(path)?.[1] : undefined;
    const customer = customerId ? this.customers.get(customerId) : undefined;
    if (customer) return this.answer(response, 200, customer);
    this.refuse(response, 404, {
      type: 'invalid_request_error',
      ...(customerId ? { code: 'resource_missing', param: 'id' } : {}),
      message: customerId ? `No such customer: '${customerId}'` : `Unrecognized request URL (${path})`,
    });
  }

  private refuse(response: ServerResponse, status: number, error: Fields): void {
    this.answer(response, status, { error });
  }

  private answer(response: ServerResponse, status: number, body: unknown): void {
    response.writeHead(status, {
      'content-type': 'application/json',
      date: this.now().toUTCString(),
      'request-id': `req_${this.requests.length}`,
    });
    response.end(JSON.stringify(body));
  }
}
