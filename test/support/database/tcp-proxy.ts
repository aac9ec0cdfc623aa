import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { findFreePort } from '../free-port.js';

/**
 * The fate of a COMMIT. `cut`: it is executed, but the connection breaks before its answer. `silence`: it is
 * executed, but no answer arrives. `withheld`: it never arrives.
 */
export type CommitFate = 'cut' | 'silence' | 'withheld';

/** A proxy between the service and its database. It can lose a COMMIT or its answer, freeze, or be slow. */
export class TcpProxy {
  /** How many commits or answers were lost. */
  lost = 0;
  private fate?: CommitFate;
  /** By how much each packet to the database is delayed. */
  delayMs = 0;
  private isFrozen = false;

  private constructor(
    readonly port: number,
    private readonly server: Server,
    private readonly sockets: Set<Socket>,
  ) {}

  /** Forwards to a port of this machine. */
  static async start(targetPort: number): Promise<TcpProxy> {
    const port = await findFreePort();
    const server = createServer();
    const sockets = new Set<Socket>();
    const proxy = new TcpProxy(port, server, sockets);
    server.on('connection', (client) => proxy.forward(client, connect(targetPort, '127.0.0.1')));
    await once(server.listen(port, '127.0.0.1'), 'listening');
    return proxy;
  }

  /** Sets the fate of the next COMMIT. */
  loseNextCommit(fate: CommitFate): void {
    this.fate = fate;
  }

  /** Passes nothing on, on old and new connections, until {@link thaw}. */
  freeze(): void {
    this.isFrozen = true;
    for (const socket of this.sockets) socket.pause();
  }

  thaw(): void {
    this.isFrozen = false;
    for (const socket of this.sockets) socket.resume();
  }

  async stop(): Promise<void> {
    const closed = once(this.server.close(), 'close');
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  private forward(client: Socket, target: Socket): void {
    let fate: CommitFate | undefined;
    const destroy = () => {
      client.destroy();
      target.destroy();
    };
    for (const socket of [client, target]) {
      this.sockets.add(socket.on('error', destroy).on('close', destroy));
      socket.on('close', () => this.sockets.delete(socket));
    }
    client.on('data', (bytes: Buffer) => {
      if (this.fate && bytes.includes('COMMIT')) {
        fate = this.fate;
        this.fate = undefined;
      }
      if (fate === 'withheld') this.lost += 1;
      else if (this.delayMs > 0) setTimeout(() => target.write(bytes), this.delayMs);
      else target.write(bytes);
    });
    target.on('data', (bytes) => {
      if (!fate) return client.write(bytes);
      if (!bytes.includes('COMMIT')) return;
      this.lost += 1;
      if (fate === 'cut') destroy();
    });
    if (this.isFrozen) for (const socket of [client, target]) socket.pause();
  }
}
