import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type {
  OutboundRequest,
  OutboundResponse,
} from '../../../src/platform/outbound/outbound-http.service.js';
import { findFreePort } from '../free-port.js';
import { waitFor } from '../wait-for.js';

const FOLDERS = (process.env.PATH ?? '').split(delimiter);

/** The program `prism` of `@stoplight/prism-cli`: the one in `PRISM`, or on the path. It is never downloaded. */
const PRISM = [process.env.PRISM ?? '', ...FOLDERS.map((folder) => join(folder, 'prism'))].find((path) =>
  existsSync(path),
);

/** The OpenAPI document of a system in the folder `CONTRACTS_DIR`, if it and Prism are there. */
export function contractOf(system: string): string | undefined {
  const folder = process.env.CONTRACTS_DIR ?? '';
  const files = ['json', 'yaml'].map((ending) => join(folder, `${system}.${ending}`));
  const contract = PRISM && folder ? files.find((file) => existsSync(file)) : undefined;
  if (!contract)
    process.stderr.write(
      `No Prism or no OpenAPI document of ${system}: its contract is not checked (PRISM and CONTRACTS_DIR say where)\n`,
    );
  return contract;
}

/** What Prism finds wrong about a request or its answer. */
export interface Violation {
  call: string;
  message: string;
}

/** Prism as the system that an OpenAPI document describes, or between a client and a system. */
export class Prism {
  private constructor(
    private readonly process: ChildProcess,
    readonly url: string,
  ) {}

  /** Answers as the document says, and refuses requests that it does not allow. */
  static mock(contract: string): Promise<Prism> {
    return Prism.start('mock', '--errors', contract);
  }

  /** Passes requests and answers on, and names in a header what the document does not allow. */
  static proxy(contract: string, upstream: string): Promise<Prism> {
    return Prism.start('proxy', contract, upstream);
  }

  private static async start(...args: string[]): Promise<Prism> {
    const port = await findFreePort();
    const listen = ['--host', '127.0.0.1', '--port', String(port)];
    const prism = new Prism(
      spawn(PRISM ?? 'prism', [...args, ...listen], { stdio: 'ignore' }),
      `http://127.0.0.1:${port}`,
    );
    await waitFor('Prism up', () => fetch(prism.url).catch(() => null));
    return prism;
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.process.once('exit', resolve));
    this.process.kill('SIGKILL');
    await ended;
  }
}

/** A request without its ids, like `GET /contacts/{id}`. */
export function callOf({ method, url }: OutboundRequest): string {
  return `${method} ${new URL(url).pathname.replaceAll(/(?<=\/)[\w-]*\d[\w-]*/g, '{id}')}`;
}

/** The violations that an answer of Prism names: in its header, or as its own refusal. */
export function violationsOf(request: OutboundRequest, { headers, json }: OutboundResponse): Violation[] {
  const named = JSON.parse(headers['sl-violations'] ?? '[]') as { message: string }[];
  const isProblem = headers['content-type']?.startsWith('application/problem+json') ?? false;
  const problem = json as { title?: string; validation?: { message: string }[] } | undefined;
  const refused = isProblem ? (problem?.validation ?? [{ message: problem?.title ?? '' }]) : [];
  const messages = new Set([...named, ...refused].map(({ message }) => message));
  return [...messages].map((message) => ({ call: callOf(request), message }));
}
