/** The five-character SQLSTATE of a pg or TypeORM error, if it has one; `EPIPE` and other codes of Node.js are not SQLSTATEs. */
export function sqlStateOf(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' && /^(?!E)[0-9A-Z]{5}$/.test(code) ? code : undefined;
}
