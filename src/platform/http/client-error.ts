import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { problem, toProblemBody } from './problem-details.filter.js';

/** The answers to requests that Node cannot read, by error code. Any other code is a 400. */
const REFUSALS: Readonly<Record<string, [status: number, detail: string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'The request did not arrive completely in time'],
  HPE_HEADER_OVERFLOW: [431, 'The headers of the request are too large'],
};

/** Answers a request that Node could not read, so that no route and no hook has seen it, with problem details. */
export function answerClientError({ code = '' }: NodeJS.ErrnoException, socket: Socket): void {
  if (code === 'ECONNRESET' || socket.destroyed) return;
  const [status, detail] = REFUSALS[code] ?? [400, 'The request is not valid HTTP'];
  const phrase = STATUS_CODES[status] ?? '';
  const body = toProblemBody({
    ...problem(status, 'invalid_request', detail),
    title: phrase.toLowerCase(),
  });
  const head = [
    `HTTP/1.1 ${status} ${phrase}`,
    'Content-Type: application/problem+json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  if (socket.writable) socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
  socket.destroySoon();
}
