import { describe, expect, it } from 'vitest';
import { isLocalHost, isPrivateHost } from './private-host.js';

describe('a mail server', () => {
  it.each(['localhost', 'LOCALHOST', 'localhost.', 'a.localhost', '127.0.0.1', '127.3.2.1', '::1'])(
    'is this machine: %s',
    (host) => {
      expect([isLocalHost(host), isPrivateHost(host)]).toEqual([true, true]);
    },
  );

  it.each([
    'postfix',
    'mail.internal',
    'mail.corp.lan',
    'mail.local',
    'nas.home.arpa',
    '10.1.2.3',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '169.254.1.1',
    '100.64.0.1',
    'fd00::1',
    'fe80::1',
  ])('is in a private network: %s', (host) => {
    expect([isLocalHost(host), isPrivateHost(host)]).toEqual([false, true]);
  });

  it.each([
    'smtp.gmail.com',
    'internal.example.com',
    'local.example',
    '172.32.0.1',
    '8.8.8.8',
    '100.128.0.1',
    '2001:4860::1',
    'localhost.example.com',
  ])('may be anywhere: %s', (host) => {
    expect([isLocalHost(host), isPrivateHost(host)]).toEqual([false, false]);
  });
});
