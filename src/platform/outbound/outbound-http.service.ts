import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { type Agent, request as send } from 'undici';
import { isPrivateOrEncrypted, type Network } from './address-rules.js';
import { AddressRefused, checkedAgent } from './checked-agent.js';
import { OutboundSettings } from './outbound.settings.js';

const TIMEOUT_MS = 20_000;
const ANSWER_BYTES_MAX = 4 * 1024 * 1024;

export interface OutboundRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Absolute, https, without user and password; http only to this machine and private networks that an operator named. */
  url: string;
  headers?: Readonly<Record<string, string>>;
  /** A text is sent as it is; anything else as JSON. */
  body?: unknown;
  /** For the whole exchange; 20 s by default. */
  timeoutMs?: number;
}

export interface OutboundResponse {
  status: number;
  /** Names in lower case; of several values the first. */
  headers: Readonly<Record<string, string | undefined>>;
  text: string;
  /** The body, where it is JSON; undefined otherwise. */
  json: unknown;
}

/** There is no whole answer to a request. */
export class OutboundFault extends Error {
  constructor(
    /** One word, such as `ECONNREFUSED`. */
    readonly code: string,
    /** Whether the other side may have got the request. */
    readonly mayHaveArrived: boolean,
    cause: unknown,
    /** When a request can be made, if it was not made because of a rate. */
    readonly freeAt: Date | null = null,
  ) {
    super(`No answer: ${code}`, { cause });
  }
}

/**
 * Sends requests to systems outside. Only allowed addresses are connected to, without TLS only private ones; redirects are
 * answers like others, and are not followed; time and the size of answers are limited.
 */
@Injectable()
export class OutboundHttp implements OnApplicationShutdown {
  private readonly agent: Agent;
  private readonly allowed: readonly Network[];

  constructor({ allowed }: OutboundSettings) {
    this.allowed = allowed ?? [];
    this.agent = checkedAgent(this.allowed);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.agent.destroy();
  }

  /** @throws OutboundFault */
  async send({ method, url, headers = {}, body, timeoutMs }: OutboundRequest): Promise<OutboundResponse> {
    const isJson = body !== undefined && typeof body !== 'string';
    try {
      assertAllowed(url, this.allowed);
      const response = await send(url, {
        dispatcher: this.agent,
        method,
        headers: { ...(isJson ? { 'content-type': 'application/json' } : {}), ...headers },
        body: body === undefined ? null : isJson ? JSON.stringify(body) : (body as string),
        signal: AbortSignal.timeout(timeoutMs ?? TIMEOUT_MS),
      });
      const text = await readLimited(response.body);
      const named = Object.entries(response.headers).map(([name, value]) => [name, [value].flat()[0]]);
      return { status: response.statusCode, headers: Object.fromEntries(named), text, json: parsed(text) };
    } catch (error) {
      throw faultOf(error);
    }
  }
}

function assertAllowed(url: string, allowed: readonly Network[]): void {
  const target = new URL(url);
  if (!isPrivateOrEncrypted(target, allowed) || target.username || target.password)
    throw new AddressRefused(url.split('@').at(-1) ?? '');
}

async function readLimited(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > ANSWER_BYTES_MAX)
      throw Object.assign(new Error('Answer too large'), { code: 'ANSWER_TOO_LARGE' });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** Faults before a connection exists. After them, the request surely did not arrive. */
const BEFORE_SENDING = new Set([
  'ADDRESS_REFUSED',
  'ERR_INVALID_URL',
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** Faults of TLS: no request is sent before its handshake is complete. */
const IN_TLS = /CERT|_TLS_|_SSL_|ISSUER|CRL/;

function faultOf(error: unknown): OutboundFault {
  const { code, name } = error as { code?: unknown; name?: string };
  const word = typeof code === 'string' ? code : name === 'TimeoutError' ? 'TIMEOUT' : String(name);
  return new OutboundFault(word, !BEFORE_SENDING.has(word) && !IN_TLS.test(word), error);
}
