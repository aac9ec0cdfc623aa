import { setTimeout as sleep } from 'node:timers/promises';
import { findFreePort } from '../src/platform/development/free-port.js';
import { ServiceProcess } from '../test/support/process/service-process.js';
import { productionEnvironment } from '../test/support/process/test-environment.js';
import type { Role } from './faults/fault-point.js';
import { Trap } from './faults/trap.js';
import type { Backend } from './wires/balancer.js';
import { DatabaseProxy } from './wires/database-proxy.js';
import { type MailLog, MailServer } from './wires/mail-server.js';

const START_TIMEOUT_MS = 300_000;
const READY_POLL_MS = 100;

/** Shared by all replicas. */
export interface Surroundings {
  databaseUrl: string;
  mailLog: MailLog;
  env: Record<string, string>;
}

/**
 * One process with its ports and its own proxies to the database and the mail server. When the process ends,
 * it is started again.
 */
export class Replica implements Backend {
  /** What the current process has done: requests answered 200, or jobs run. */
  served = 0;
  /** Number of starts that failed because the database was down. */
  failedStarts = 0;
  /** Whether the current process has been ready. */
  isUp = false;
  /** Output of processes that ended without a kill or a stop by the campaign. */
  readonly unexpectedEnds: string[] = [];
  private isAbandoned = false;
  /** Whether the campaign is ending the process. */
  private isEnding = false;
  private starting: Promise<void> = Promise.resolve();
  private process?: ServiceProcess;
  private database!: DatabaseProxy;
  private mail!: MailServer;

  private constructor(
    readonly role: Role,
    readonly port: number,
    readonly trap: Trap,
    private readonly surroundings: Surroundings,
  ) {}

  static async start(role: Role, surroundings: Surroundings): Promise<Replica> {
    const replica = new Replica(role, await findFreePort(), new Trap(), surroundings);
    const { port } = new URL(surroundings.databaseUrl);
    replica.database = await DatabaseProxy.start(Number(port), replica.trap, (step) => {
      if (role === 'worker' && step === 'job done') replica.served += 1;
    });
    replica.mail = await MailServer.start(surroundings.mailLog, replica.trap);
    await replica.startProcess();
    return replica;
  }

  onServed(): void {
    if (this.role === 'api') this.served += 1;
  }

  /** The name under which the current or last worker locks jobs. */
  get workerId(): string {
    return this.database.workerId ?? '';
  }

  /** Kills the process at once. @returns whether it had served and had not ended by itself */
  async kill(): Promise<boolean> {
    const hadServed = this.served > 0;
    return (await this.end('SIGKILL')) === 'SIGKILL' && hadServed;
  }

  /** Stops the process. @throws unless it exits with 0 */
  async stop(): Promise<void> {
    const ended = await this.end('SIGTERM');
    if (ended !== 0) throw new Error(`A ${this.role} exited after SIGTERM with ${ended}:\n${this.output}`);
  }

  /** Starts the process again and waits until it is ready. */
  startProcess(): Promise<void> {
    this.starting = this.startAndSupervise();
    return this.starting;
  }

  private async end(signal: NodeJS.Signals): Promise<number | NodeJS.Signals | undefined> {
    await this.starting;
    this.isUp = false;
    this.isEnding = true;
    return this.process?.end(signal);
  }

  private async startAndSupervise(): Promise<void> {
    this.served = 0;
    this.isEnding = false;
    const environment = this.environment();
    for (;;) {
      if (this.isAbandoned) throw new Error('The campaign has ended');
      const process = await ServiceProcess.spawn(environment);
      this.process = process;
      const end = Date.now() + START_TIMEOUT_MS;
      while (process.isRunning && Date.now() < end) {
        this.isUp = await this.isReady();
        if (this.isUp) return this.supervise(process);
        await sleep(READY_POLL_MS);
      }
      if (process.isRunning) throw new Error(`A ${this.role} is not ready in time:\n${this.output}`);
      this.failedStarts += 1;
    }
  }

  private supervise(process: ServiceProcess): void {
    const startAgain = () => {
      if (this.isEnding || this.isAbandoned) return;
      this.isUp = false;
      this.unexpectedEnds.push(process.output);
      void this.startProcess();
    };
    if (process.isRunning) process.child.once('close', startAgain);
    else startAgain();
  }

  private environment(): Record<string, string> {
    const { databaseUrl, env } = this.surroundings;
    const url = new URL(databaseUrl);
    url.port = String(this.database.port);
    return productionEnvironment(url.href, this.mail.port, {
      PROCESS_ROLES: this.role,
      PORT: String(this.port),
      LOG_LEVEL: 'warn',
      ...env,
    });
  }

  /** Closes the proxies. The process must have ended. */
  async close(): Promise<void> {
    await this.database.stop();
    await this.mail.stop();
  }

  /** Ends the process in any state. */
  abandon(): void {
    this.isAbandoned = true;
    this.process?.child.kill('SIGKILL');
  }

  /** The output of the process. */
  private get output(): string {
    return this.process?.output ?? '';
  }

  /** A worker with a backlog of some minutes works, although it is not ready. */
  private isReady(): Promise<boolean> {
    const probe = this.role === 'api' ? 'ready' : 'live';
    return fetch(`http://127.0.0.1:${this.port}/health/${probe}`).then(
      (response) => response.ok,
      () => false,
    );
  }
}
