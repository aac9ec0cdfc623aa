import { gunzipSync } from 'node:zlib';
import { PayloadTooLargeException } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { DomainError } from '../../platform/http/domain-error.js';

const BYTES_MAX = 500 * 1024;

/**
 * The bytes of a request as the client wrote them. Some clients compress with gzip.
 * @throws PayloadTooLargeException; DomainError body_not_json, body_not_gzip, encoding_unknown
 */
export function bodyOf({ body, headers }: Pick<FastifyRequest, 'body' | 'headers'>): Buffer {
  if (!Buffer.isBuffer(body)) throw new DomainError('body_not_json', 'The body must be JSON');
  const encoding = headers['content-encoding']?.trim().toLowerCase() || 'identity';
  if (encoding === 'gzip' || encoding === 'x-gzip') return inflated(body);
  if (encoding !== 'identity')
    throw new DomainError('encoding_unknown', 'Content-Encoding must be gzip or missing');
  if (body.length > BYTES_MAX) throw tooLarge();
  return body;
}

/** Half a megabyte is inflated in about a millisecond, and nothing beyond it. */
function inflated(body: Buffer): Buffer {
  try {
    return gunzipSync(body, { maxOutputLength: BYTES_MAX });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge();
    throw new DomainError('body_not_gzip', 'The body is not gzip, as Content-Encoding says');
  }
}

function tooLarge(): PayloadTooLargeException {
  return new PayloadTooLargeException('A batch must be at most 500 KB');
}
