import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { findFreePort } from '../../src/platform/development/free-port.js';

/** What happens to the answer to a COMMIT: the connection breaks, or nothing is heard any more. */
export type CommitFate = 'cut' | 'silence';

/** Stands between the service and its database, and can lose the answer to a COMMIT. */
export class TcpProxy {
  /** How many answers were lost. */
  lost = 0;
  private fate?: CommitFate;

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

  /** The next COMMIT is carried out, and its answer lost. */
  loseNextCommit(fate: CommitFate): void {
    this.fate = fate;
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
    client.on('data', (bytes) => {
      if (this.fate && bytes.includes('COMMIT')) {
        fate = this.fate;
        this.fate = undefined;
      }
      target.write(bytes);
    });
    target.on('data', (bytes) => {
      if (!fate) return client.write(bytes);
      this.lost += 1;
      return fate === 'cut' && destroy();
    });
  }
}
