import type { FastifyRequest } from 'fastify';

/**
 * The key of a request: from `Authorization: Bearer <key>`, or the password of any user name, which browsers
 * send. Null if there is none.
 */
export function shownKeyOf({ headers }: Pick<FastifyRequest, 'headers'>, isPage: boolean): string | null {
  const { authorization = '' } = headers;
  const bearer = /^Bearer (\S+)$/i.exec(authorization)?.[1];
  if (bearer !== undefined || !isPage) return bearer ?? null;
  const credentials = /^Basic (\S+)$/i.exec(authorization)?.[1] ?? '';
  const [, ...password] = Buffer.from(credentials, 'base64').toString().split(':');
  return password.join(':') || null;
}
