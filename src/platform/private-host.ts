import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** Ranges that are not routed on the internet (RFC 1918, 3927, 4193, 4291, 6598). */
const PRIVATE_RANGES = new Set(['private', 'linkLocal', 'carrierGradeNat', 'uniqueLocal']);

/** Names that public DNS does not resolve (RFC 6761, 6762, 8375, and `.internal`), and names without a dot. */
const PRIVATE_NAME = /^[^.]+$|\.(localhost|local|internal|lan|intranet|home\.arpa)$/i;

/** Whether a host name or address is this machine. */
export function isLocalHost(host: string): boolean {
  return rangeOf(host) === 'loopback' || /^(.+\.)?localhost\.?$/i.test(host);
}

/** Whether a host is this machine or in a private network, judged by its name or address. */
export function isPrivateHost(host: string): boolean {
  if (isLocalHost(host)) return true;
  const range = rangeOf(host);
  return range === null ? PRIVATE_NAME.test(host.replace(/\.$/, '')) : PRIVATE_RANGES.has(range);
}

/** The range of an address; null for a name. */
function rangeOf(host: string): string | null {
  return isIP(host) ? ipaddr.process(host).range() : null;
}
