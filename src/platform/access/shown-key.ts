import type { FastifyRequest } from 'fastify';
import type { Requirement } from './requires.decorator.js';

/**
 * The key of a request: from `Authorization: Bearer <key>`. Browsers that open a page send it as the password of any user
 * name, clients of the collector as the user name or as `writeKey` in the body. Null if there is none.
 */
export function shownKeyOf(
  request: Pick<FastifyRequest, 'headers' | 'body'>,
  { role, opensInBrowser }: Pick<Requirement, 'role' | 'opensInBrowser'>,
): string | null {
  const { authorization = '' } = request.headers;
  const bearer = /^Bearer (\S+)$/i.exec(authorization)?.[1];
  if (bearer !== undefined) return bearer;
  const [userName = '', ...password] = credentialsOf(authorization);
  if (opensInBrowser) return password.join(':') || null;
  if (role !== 'collector') return null;
  return userName || writeKeyOf(request.body);
}

function credentialsOf(authorization: string): string[] {
  const credentials = /^Basic (\S+)$/i.exec(authorization)?.[1] ?? '';
  return Buffer.from(credentials, 'base64').toString().split(':');
}

/** Browsers send no `Authorization` header, because it would need a preflight request. */
function writeKeyOf(body: unknown): string | null {
  if (!Buffer.isBuffer(body)) return null;
  try {
    const { writeKey } = Object(JSON.parse(body.toString())) as { writeKey?: unknown };
    return typeof writeKey === 'string' && writeKey ? writeKey : null;
  } catch {
    // A body that is not JSON shows no key.
    return null;
  }
}
