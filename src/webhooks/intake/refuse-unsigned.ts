import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { HttpStatus } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { WebhookAnswer } from '../decision/event-outcome.js';
import { SignatureRefusals } from './signature-refusals.service.js';

const ANSWER = JSON.stringify({ success: false, error: 'Invalid signature' } satisfies WebhookAnswer);
const HEADERS = {
  'content-type': 'application/json; charset=utf-8',
  'content-length': String(Buffer.byteLength(ANSWER)),
};

/**
 * Answers deliveries without a signature before anything else sees them, as the controller would: 10,000 a second
 * through framework and controller made accepted events ten times as slow.
 */
export function refuseUnsigned(app: NestFastifyApplication): void {
  const refusals = app.get(SignatureRefusals);
  const server: Server = app.getHttpServer();
  const listeners = server.listeners('request');
  server.removeAllListeners('request');
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    if (!isUnsigned(request)) {
      for (const listener of listeners) listener.call(server, request, response);
      return;
    }
    refusals.record('missing');
    response.writeHead(HttpStatus.BAD_REQUEST, HEADERS).end(ANSWER);
  });
}

function isUnsigned({ method, url, headers }: IncomingMessage): boolean {
  return method === 'POST' && url === '/webhooks/stripe' && headers['stripe-signature'] === undefined;
}
