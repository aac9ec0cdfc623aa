import { lookup as resolve, type LookupAddress, type LookupOptions } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { Agent, buildConnector } from 'undici';
import { isAllowedAddress, type Network } from './address-rules.js';

const CONNECT_TIMEOUT_MS = 10_000;
const CONNECTIONS_PER_HOST = 16;

/** The host has no address that may be connected to. Nothing was sent. */
export class AddressRefused extends Error {
  readonly code = 'ADDRESS_REFUSED';

  constructor(host: string) {
    super(`Connections to ${host} are refused: it has a private address, or a port that is not for HTTP`);
  }
}

export type Resolve = (
  host: string,
  options: LookupOptions,
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/**
 * An agent that connects only to allowed addresses. Names are resolved once per connection, and the connection is made to
 * the address that was checked: a name whose address changes in between (DNS rebinding) gains nothing.
 * @param resolveName looks a name up, all addresses at once
 */
export function checkedAgent(allowed: readonly Network[], resolveName: Resolve = resolve as Resolve): Agent {
  // One for each port, because the address rules depend on it.
  const connectors = new Map<number, buildConnector.connector>();
  const connectorFor = (port: number) => {
    const lookup = checkedLookup(port, allowed, resolveName);
    const connector = connectors.get(port) ?? buildConnector({ timeout: CONNECT_TIMEOUT_MS, lookup });
    connectors.set(port, connector);
    return connector;
  };
  return new Agent({
    connections: CONNECTIONS_PER_HOST,
    connect: (options, callback) => {
      const port = Number(options.port || (options.protocol === 'https:' ? 443 : 80));
      const host = options.hostname.replace(/^\[|\]$/g, '');
      // Node looks up names only. An address is checked here.
      if (isIP(host) && !isAllowedAddress(host, port, allowed)) {
        callback(new AddressRefused(host), null);
        return;
      }
      connectorFor(port)(options, callback);
    },
  });
}

function checkedLookup(port: number, allowed: readonly Network[], resolveName: Resolve): LookupFunction {
  return (host, options, callback) => {
    resolveName(host, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, '', 0);
      // One private address among public ones shows an attack, or a network that the operator has to name.
      const areAllowed = addresses.every(({ address }) => isAllowedAddress(address, port, allowed));
      const [first] = addresses;
      if (!first || !areAllowed) return callback(new AddressRefused(host), '', 0);
      if (options.all) return callback(null, addresses);
      callback(null, first.address, first.family);
    });
  };
}
