import ipaddr from 'ipaddr.js';
import { readAs, text } from '../settings/rule.js';
import { settings } from '../settings/settings.js';

const areRanges = (given: string) => given.split(',').every((range) => ipaddr.isValidCIDR(range));

export class OutboundSettings extends settings('Outbound requests', {
  allowed: {
    name: 'OUTBOUND_PRIVATE_NETWORKS',
    rule: readAs(text('must be comma-separated networks such as 10.1.0.0/16,fd00::/8', areRanges), (given) =>
      given.split(',').map((range) => ipaddr.parseCIDR(range)),
    ),
    otherwise: 'only public addresses',
    meaning:
      'Private networks that connectors and outbound webhooks may reach, as comma-separated ranges. Other private, loopback and link-local addresses are refused when a connection is made.',
  },
}) {}
