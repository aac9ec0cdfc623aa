import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request that a fake has got. */
export interface ReceivedRequest {
  method: string;
  /** Without the query. */
  path: string;
  query: URLSearchParams;
  headers: IncomingMessage['headers'];
  /** Parsed where it is JSON. */
  body: any; // oxlint-disable-line no-explicit-any -- tests read any body
}

export interface FakeAnswer {
  status: number;
  headers?: Record<string, string>;
  /** A text is sent as it is; anything else as JSON. */
  body?: unknown;
}

/**
 * What happens to the next requests instead of an answer. `after` lets the system act first.
 * - an answer: it is given.
 * - `hang up`: the connection breaks. `silence`: there is no answer while the client waits.
 * - `echo`: it is refused with all that was sent, as by a proxy for development.
 */
export type Fault = { after?: boolean } & ({ answer: FakeAnswer } | { act: 'hang up' | 'silence' | 'echo' });

/** The HTTP server of a fake system. A subclass has the state and answers requests. */
export abstract class FakeSystem {
  readonly requests: ReceivedRequest[] = [];
  /** Whether `requests` grows. */
  keepsRequests = true;
  private readonly faults: Fault[] = [];
  private permanent: Fault | null = null;
  private readonly server: Server = createServer((request, response) => void this.receive(request, response));

  /** Answers a request that meets no fault. */
  protected abstract answer(request: ReceivedRequest): FakeAnswer;

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Faults for the next requests, one each. */
  failNext(...faults: Fault[]): void {
    this.faults.push(...faults);
  }

  /** A fault for all requests until it is taken back with null. */
  failAlways(fault: Fault | null): void {
    this.permanent = fault;
  }

  /** The requests to paths that match. */
  received(path: RegExp): ReceivedRequest[] {
    return this.requests.filter((request) => path.test(request.path));
  }

  private async receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    const url = new URL(request.url ?? '/', 'http://fake');
    const isJson = /json/.test(request.headers['content-type'] ?? '');
    const received = {
      method: request.method ?? '',
      path: url.pathname,
      query: url.searchParams,
      headers: request.headers,
      body: isJson && text ? JSON.parse(text) : text,
    };
    if (this.keepsRequests) this.requests.push(received);
    const fault = this.faults.shift() ?? this.permanent;
    const answer = !fault || fault.after ? this.answer(received) : null;
    if (!fault) return respond(response, answer as FakeAnswer);
    if ('answer' in fault) return respond(response, fault.answer);
    if (fault.act === 'echo')
      return respond(response, { status: 400, body: { ...received, query: url.search } });
    if (fault.act === 'hang up') response.destroy();
  }
}

function respond(response: ServerResponse, { status, headers = {}, body }: FakeAnswer): void {
  const type = body === undefined ? {} : { 'content-type': 'application/json' };
  response.writeHead(status, { ...type, ...headers });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
}
