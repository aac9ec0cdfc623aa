import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A proxy that lets a server act, and breaks the connection instead of passing its answer on. */
export class AnswerThief {
  /** How many answers were lost. */
  lost = 0;
  private readonly server: Server = createServer((request, response) => void this.pass(request, response));

  /** @param isLost whether the answer of a request is lost */
  constructor(
    private readonly target: string,
    private readonly isLost: (call: string, body: string) => boolean,
  ) {}

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

  private async pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    const { method = '', url = '', headers } = request;
    const passed = {
      authorization: headers.authorization ?? '',
      ...(body ? { 'content-type': headers['content-type'] ?? '' } : {}),
    };
    const answer = await fetch(`${this.target}${url}`, { method, headers: passed, body: body || null });
    const text = await answer.text();
    if (this.isLost(`${method} ${url}`, body)) {
      this.lost += 1;
      response.destroy();
      return;
    }
    response.writeHead(answer.status, { 'content-type': 'application/json' });
    response.end(text);
  }
}
