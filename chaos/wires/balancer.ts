import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { findFreePort } from '../../src/platform/development/free-port.js';
import type { Trap } from '../faults/trap.js';

const PROBE_EVERY_MS = 200;
const PROBE_TIMEOUT_MS = 1000;
const OK = Buffer.from('HTTP/1.1 200 ');

/** A process behind the balancer. */
export interface Backend {
  port: number;
  trap: Trap;
  /** Called for each 200 that is passed on. */
  onServed: () => void;
}

/**
 * A small TCP balancer. Each connection (one request) goes to the next process that is up, and to another one
 * if it is refused. A process is down after it refuses a connection or `/health/ready` does not answer 200,
 * and up again when it does. If no process is up, all are tried.
 */
export class Balancer {
  private readonly sockets = new Set<Socket>();
  private readonly down = new Set<Backend>();
  private readonly probing: NodeJS.Timeout;
  private turn = 0;

  private constructor(
    readonly port: number,
    private readonly server: Server,
    private readonly backends: readonly Backend[],
  ) {
    this.probing = setInterval(() => {
      for (const backend of backends) void this.probe(backend);
    }, PROBE_EVERY_MS);
  }

  static async start(backends: readonly Backend[]): Promise<Balancer> {
    const port = await findFreePort();
    const server = createServer({ noDelay: true, allowHalfOpen: true });
    const balancer = new Balancer(port, server, backends);
    server.on('connection', (client) => {
      client.on('error', () => client.destroy());
      balancer.forward(client, balancer.candidates());
    });
    await once(server.listen(port, '127.0.0.1'), 'listening');
    return balancer;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async stop(): Promise<void> {
    clearInterval(this.probing);
    const closed = once(this.server.close(), 'close');
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  /** All processes, those that are up first, starting with the next in turn. */
  private candidates(): Backend[] {
    this.turn += 1;
    const rotated = this.backends.map(
      (_, index) => this.backends[(this.turn + index) % this.backends.length] as Backend,
    );
    return rotated.toSorted((one, other) => Number(this.down.has(one)) - Number(this.down.has(other)));
  }

  private forward(client: Socket, [backend, ...others]: Backend[]): void {
    if (!backend) return void client.destroy();
    const target = connect({ port: backend.port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
    this.sockets.add(target);
    const onRefused = () => {
      this.sockets.delete(target);
      this.down.add(backend);
      this.forward(client, others);
    };
    target.once('error', onRefused);
    target.once('connect', () => {
      target.off('error', onRefused);
      this.join(client, target, backend);
    });
  }

  private join(client: Socket, target: Socket, backend: Backend): void {
    const destroy = () => {
      client.destroy();
      target.destroy();
    };
    for (const socket of [client, target]) {
      this.sockets.add(socket.on('error', destroy).on('close', destroy));
      socket.on('close', () => this.sockets.delete(socket));
    }
    client.pipe(target);
    const { trap } = backend;
    let isHeld = false;
    target.on('data', (bytes: Buffer) => {
      if (isHeld) return;
      const isOk = bytes.subarray(0, OK.length).equals(OK);
      if (isOk && trap.isAt('answer', 'before')) {
        isHeld = true;
        return trap.spring();
      }
      client.write(bytes);
      if (!isOk) return;
      backend.onServed();
      if (trap.isAt('answer', 'after')) trap.spring();
    });
    target.on('end', () => client.end());
  }

  private async probe(backend: Backend): Promise<void> {
    const isReady = await fetch(`http://127.0.0.1:${backend.port}/health/ready`, {
      signal: AbortSignal.timeout(PROBE_TIMEOUT_MS),
    }).then(
      (response) => response.ok,
      () => false,
    );
    if (isReady) this.down.delete(backend);
    else this.down.add(backend);
  }
}
