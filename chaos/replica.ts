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

/** What all replicas share. */
export interface Surroundings {
  databaseUrl: string;
  mailLog: MailLog;
  env: Record<string, string>;
}

/**
 * The place of one process: its ports, its own wires to the database and the mail server, and whatever
 * process is there now. Supervised: a process that ended is started again.
 */
export class Replica implements Backend {
  /** What the process that is there now has done: requests answered 200, or jobs run. */
  served = 0;
  /** Starts that failed, because the database was away. */
  failedStarts = 0;
  /** Whether a process is there that has been ready. */
  isUp = false;
  /** What processes wrote that ended though nobody had told them to. */
  readonly ownEnds: string[] = [];
  private isAbandoned = false;
  /** Whether its end is what the campaign wants. */
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

  /** The name under which the worker that is (or was last) there locks jobs. */
  get workerId(): string {
    return this.database.workerId ?? '';
  }

  /** Kills the process at once. @returns whether it was one that had served, and had not ended by itself */
  async kill(): Promise<boolean> {
    const hadServed = this.served > 0;
    return (await this.end('SIGKILL')) === 'SIGKILL' && hadServed;
  }

  /** Tells the process to stop. @throws unless it exits with 0 */
  async stop(): Promise<void> {
    const ended = await this.end('SIGTERM');
    if (ended !== 0) throw new Error(`A ${this.role} told to stop ended with ${ended}:\n${this.output}`);
  }

  /** Starts a process where the last one ended, and waits until it is ready. */
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
      this.ownEnds.push(process.output);
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

  /** Closes the wires; the process must have ended. */
  async close(): Promise<void> {
    await this.database.stop();
    await this.mail.stop();
  }

  /** Ends the process whatever its state. */
  abandon(): void {
    this.isAbandoned = true;
    this.process?.child.kill('SIGKILL');
  }

  /** What the process has written. */
  private get output(): string {
    return this.process?.output ?? '';
  }

  /** A worker with a backlog that is minutes old works, and is not ready. */
  private isReady(): Promise<boolean> {
    const probe = this.role === 'api' ? 'ready' : 'live';
    return fetch(`http://127.0.0.1:${this.port}/health/${probe}`).then(
      (response) => response.ok,
      () => false,
    );
  }
}
