import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { findFreePort } from '../../src/platform/development/free-port.js';
import type { Step } from '../faults/fault-point.js';
import type { Trap } from '../faults/trap.js';
import { DatabaseSession } from './database-session.js';

/** A proxy between one process and PostgreSQL. It sees each step, and can hold the process at any of them. */
export class DatabaseProxy {
  /** The name under which the process's worker locks jobs. */
  workerId?: string;
  private readonly sockets = new Set<Socket>();

  private constructor(
    readonly port: number,
    private readonly server: Server,
    private readonly targetPort: number,
    private readonly trap: Trap,
    private readonly onStepDone: (step: Step) => void,
  ) {}

  /** @param onStepDone called for each step that PostgreSQL has executed */
  static async start(
    targetPort: number,
    trap: Trap,
    onStepDone: (step: Step) => void,
  ): Promise<DatabaseProxy> {
    const port = await findFreePort();
    const server = createServer({ noDelay: true });
    const proxy = new DatabaseProxy(port, server, targetPort, trap, onStepDone);
    server.on('connection', (client) => proxy.relay(client));
    await once(server.listen(port, '127.0.0.1'), 'listening');
    return proxy;
  }

  async stop(): Promise<void> {
    const closed = once(this.server.close(), 'close');
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  private relay(client: Socket): void {
    const target = connect({ port: this.targetPort, host: '127.0.0.1', noDelay: true });
    const destroy = () => {
      client.destroy();
      target.destroy();
    };
    for (const socket of [client, target]) {
      this.sockets.add(socket.on('error', destroy).on('close', destroy));
      socket.on('close', () => this.sockets.delete(socket));
    }
    const session = new DatabaseSession(client, target, this.trap);
    client.on('data', (bytes: Buffer) => {
      session.fromProcess(bytes);
      this.workerId = session.workerId ?? this.workerId;
    });
    target.on('data', (bytes: Buffer) => session.fromDatabase(bytes).forEach(this.onStepDone));
  }
}
