import type { FastifyRequest } from 'fastify';

/**
 * The key that a request shows: as `Authorization: Bearer <key>`, or where browsers ask for it as the password of
 * any user name. Null when it shows none.
 */
export function shownKeyOf({ headers }: Pick<FastifyRequest, 'headers'>, isPage: boolean): string | null {
  const { authorization = '' } = headers;
  const bearer = /^Bearer (\S+)$/i.exec(authorization)?.[1];
  if (bearer !== undefined || !isPage) return bearer ?? null;
  const credentials = /^Basic (\S+)$/i.exec(authorization)?.[1] ?? '';
  const [, ...password] = Buffer.from(credentials, 'base64').toString().split(':');
  return password.join(':') || null;
}
