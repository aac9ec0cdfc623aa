import ipaddr from 'ipaddr.js';
import { describe, expect, it } from 'vitest';
import { isAllowedAddress, mayGoWithoutTls } from './address-rules.js';

describe('an address to connect to', () => {
  it.each([
    '127.0.0.1',
    '127.255.1.2',
    '0.0.0.0',
    '10.0.0.1',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '192.0.0.1',
    '198.18.0.1',
    '203.0.113.5',
    '224.0.0.1',
    '240.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:127.0.0.1',
    '::ffff:10.0.0.1',
    '::ffff:a9fe:a9fe',
    '2002:7f00:1::',
    '2002:a9fe:a9fe::1',
    '64:ff9b::7f00:1',
    '64:ff9b::a9fe:a9fe',
    '64:ff9b:1::a9fe:a9fe',
    '64:ff9b:1::808:808',
    '64:ff9b:1:ffff::1',
    '2001:0:7f00:1::',
    'fe80::1',
    'fc00::1',
    'fd00:ec2::254',
    'ff02::1',
    '2001:db8::1',
  ])('is refused if it is not public: %s', (address) => {
    expect(isAllowedAddress(address, 443)).toBe(false);
  });

  it.each(['8.8.8.8', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '::ffff:8.8.8.8', '64:ff9b::808:808'])(
    'is allowed if it is public: %s',
    (address) => {
      expect(isAllowedAddress(address, 443)).toBe(true);
    },
  );

  it.each([22, 25, 110, 1023, 5432, 6379, 11_211])(
    'is refused at the port of another protocol: %i',
    (port) => {
      expect(isAllowedAddress('8.8.8.8', port)).toBe(false);
    },
  );

  it('is allowed in a private network that an operator named, and only there', () => {
    const allowed = [ipaddr.parseCIDR('127.0.0.0/8'), ipaddr.parseCIDR('fd00::/8')];
    expect(isAllowedAddress('127.0.0.1', 5432, allowed)).toBe(true);
    expect(isAllowedAddress('::ffff:127.0.0.1', 8080, allowed)).toBe(true);
    expect(isAllowedAddress('fd00::1', 8080, allowed)).toBe(true);
    expect(isAllowedAddress('10.0.0.1', 8080, allowed)).toBe(false);
    expect(isAllowedAddress('::1', 8080, allowed)).toBe(false);
  });

  it.each(['', 'localhost', '2130706433', '0x7f000001', '0177.0.0.1'])(
    'is refused if it is none: %s',
    (name) => {
      expect(isAllowedAddress(name, 443)).toBe(false);
    },
  );
});

describe('a host may be reached without TLS', () => {
  const named = [ipaddr.parseCIDR('10.0.0.0/8')];

  it.each(['127.0.0.1', '::1', 'localhost', '10.1.2.3', 'crm.internal', 'crm'])('if it is %s', (host) => {
    expect(mayGoWithoutTls(host, named)).toBe(true);
  });

  it.each(['8.8.8.8', '192.168.1.1', 'api.hubapi.com', '2606:4700::1111'])('but not if it is %s', (host) => {
    expect(mayGoWithoutTls(host, named)).toBe(false);
  });

  it.each(['10.1.2.3', 'crm.internal'])('but not if no network is named and it is %s', (host) => {
    expect(mayGoWithoutTls(host, [])).toBe(false);
  });
});
