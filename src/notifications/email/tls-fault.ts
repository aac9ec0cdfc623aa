/** OpenSSL's names of certificate errors, as Node reports them ("X509 certificate error codes"). */
const CERTIFICATE_ERRORS =
  /^(DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_\w+|(CERT|CRL)_\w+|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_EXCEEDED|HOSTNAME_MISMATCH|ERROR_IN_C(ERT|RL)_\w+)$/;
/** `EPROTO` is an OpenSSL error without a name in Node: the other side has no TLS, or no version in common. */
const HANDSHAKE_ERRORS = /^(EPROTO|ERR_SSL_\w+|ERR_TLS_\w+|ERR_OSSL_\w+)$/;
/** Node reports ECONNRESET if the other side ends the handshake. */
const ENDED_HANDSHAKE = /before secure TLS connection was established/i;

/**
 * Whether an error of nodemailer is a TLS error. Its `code` is ESOCKET for all socket errors. The error of
 * Node is in `originalCode`.
 */
export function isTlsFault(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const { code, originalCode, message } = error as Record<string, unknown>;
  if (code === 'ETLS') return true;
  if (typeof message === 'string' && ENDED_HANDSHAKE.test(message)) return true;
  const name = typeof originalCode === 'string' ? originalCode : '';
  return CERTIFICATE_ERRORS.test(name) || HANDSHAKE_ERRORS.test(name);
}
