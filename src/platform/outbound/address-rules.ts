import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { isLocalHost, isPrivateHost } from '../private-host.js';

export type Network = readonly [ipaddr.IPv4 | ipaddr.IPv6, number];

/** IPv6 ranges that carry an IPv4 address, with the place of its first byte (RFC 3056, 6052). */
const CARRIERS: readonly { range: string; offset: number }[] = [
  { range: '6to4', offset: 2 },
  { range: 'rfc6052', offset: 12 },
];

/** Addresses that a network translates by its own rules, into any of its IPv4 addresses (RFC 8215). */
const LOCALLY_TRANSLATED = ipaddr.IPv6.parseCIDR('64:ff9b:1::/48');

/** Services whose ports speak no HTTP. A request to them could do harm by its first bytes. */
const REFUSED_PORTS = new Set([1433, 2375, 3306, 5432, 6379, 9200, 11_211, 27_017]);

/** Whether a connection to the address may be made: it is public, or in one of the allowed networks. */
export function isAllowedAddress(address: string, port: number, allowed: readonly Network[] = []): boolean {
  if (!isIP(address)) return false;
  const parsed = ipaddr.process(address);
  if (isWithin(parsed, allowed)) return true;
  return isAllowedPort(port) && isPublic(parsed);
}

/** Whether a request goes with TLS or to a private host. Otherwise secrets and persons could be read on the way. */
export function isPrivateOrEncrypted({ protocol, hostname }: URL, named: readonly Network[]): boolean {
  const isPrivate = () => mayGoWithoutTls(hostname.replace(/^\[|\]$/g, ''), named);
  return protocol === 'https:' || (protocol === 'http:' && isPrivate());
}

/**
 * Whether a host may be reached without TLS: it is this machine, or in a private network that an operator named. A private
 * name is looked up only when a connection is made, so it counts as being in one of them.
 */
export function mayGoWithoutTls(host: string, named: readonly Network[]): boolean {
  if (isLocalHost(host)) return true;
  if (isIP(host)) return isWithin(ipaddr.process(host), named);
  return named.length > 0 && isPrivateHost(host);
}

function isWithin(address: ipaddr.IPv4 | ipaddr.IPv6, networks: readonly Network[]): boolean {
  return networks.some(
    ([network, bits]) => network.kind() === address.kind() && address.match(network as never, bits),
  );
}

function isAllowedPort(port: number): boolean {
  return port === 80 || port === 443 || (port >= 1024 && !REFUSED_PORTS.has(port));
}

/** An IPv6 address is also judged by the IPv4 address that it carries. */
function isPublic(address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  const range = address.range();
  if (range === 'unicast') return true;
  if (address instanceof ipaddr.IPv6 && address.match(LOCALLY_TRANSLATED)) return false;
  const carrier = CARRIERS.find((one) => one.range === range);
  if (!carrier) return false;
  const bytes = address.toByteArray().slice(carrier.offset, carrier.offset + 4);
  return isPublic(new ipaddr.IPv4(bytes));
}
