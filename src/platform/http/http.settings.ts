import { isIP } from 'node:net';
import { readAs, text, webUrl, wholeNumber, withoutWhiteSpace } from '../settings/rule.js';
import { settings } from '../settings/settings.js';

/** Comma-separated addresses or networks: `10.0.0.0/8,::1`. */
const networks = text('must be comma-separated addresses or networks such as 10.0.0.0/8', (given) =>
  given.split(',').every(isNetwork),
);

function isNetwork(given: string): boolean {
  const [address = '', prefix] = given.split('/');
  const bits = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  return bits > 0 && (prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= bits));
}

export class HttpSettings extends settings('HTTP', {
  /** Without a trailing slash, so that paths can be appended. */
  publicUrl: {
    name: 'PUBLIC_URL',
    rule: readAs(webUrl, (url) => url.replace(/\/+$/, '')),
    required: 'in production',
    otherwise: '`http://localhost:PORT`',
    placeholder: 'http://localhost',
    meaning: 'Where people reach this service. The portal links in messages lead there.',
  },
  appUrl: {
    name: 'APP_URL',
    rule: webUrl,
    required: 'in production',
    otherwise: '`PUBLIC_URL`',
    placeholder: 'http://localhost',
    meaning: 'Where people reach the MINGUS application. The buttons in messages lead there.',
  },
  host: {
    name: 'HOST',
    rule: withoutWhiteSpace,
    default: '127.0.0.1',
    meaning: 'The address that the service listens on. `0.0.0.0` is every address of the machine.',
  },
  port: {
    name: 'PORT',
    rule: wholeNumber(0, 65_535),
    default: '3000',
    meaning: 'The port that the service listens on.',
  },
  trustedProxies: {
    name: 'TRUSTED_PROXIES',
    rule: networks,
    meaning:
      'The proxies whose `X-Forwarded-For` header names the client. Set it behind a proxy; otherwise all clients share one rate limit.',
  },
  drainSeconds: {
    name: 'DRAIN_SECONDS',
    rule: wholeNumber(0, 60),
    default: '0',
    defaultInProduction: '5',
    meaning:
      'For how long a stopping process still answers while it reports that it is not ready, so that load balancers stop sending it requests.',
  },
}) {}
