import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import ipaddr from 'ipaddr.js';
import { request } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkedAgent, type Resolve } from '../../src/platform/outbound/checked-agent.js';
import { OutboundFault, OutboundHttp } from '../../src/platform/outbound/outbound-http.service.js';
import { OutboundSettings } from '../../src/platform/outbound/outbound.settings.js';

const LOOPBACK = [ipaddr.parseCIDR('127.0.0.0/8')];

/** A DNS stub that answers each question with the next address. */
function answering(...addresses: string[]): { resolve: Resolve; asked: () => number } {
  let asked = 0;
  const resolve: Resolve = (_host, _options, callback) => {
    const address = addresses[Math.min(asked, addresses.length - 1)] as string;
    asked += 1;
    callback(null, [{ address, family: address.includes(':') ? 6 : 4 }]);
  };
  return { resolve, asked: () => asked };
}

describe('a request to a system outside', () => {
  let server: Server;
  let visits: string[] = [];
  let port: number;

  beforeAll(async () => {
    server = createServer((incoming, response) => {
      visits.push(incoming.url ?? '');
      if (incoming.url === '/redirect') response.writeHead(302, { location: '/secret' }).end();
      else if (incoming.url === '/large') response.end(Buffer.alloc(5 * 1024 * 1024, 'a'));
      else if (incoming.url !== '/silence') response.end('{"ok":true}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    port = (server.address() as AddressInfo).port;
  });
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  const http = (env: Record<string, string> = {}) => new OutboundHttp(new OutboundSettings(env));
  const local = () => http({ OUTBOUND_PRIVATE_NETWORKS: '127.0.0.0/8' });

  it.each([
    ['http://127.0.0.1', 'an address'],
    ['http://2130706433', 'a decimal address'],
    ['http://0x7f000001', 'a hexadecimal address'],
    ['http://0177.0.0.1', 'an octal address'],
    ['http://127.1', 'a short address'],
    ['http://[::1]', 'an IPv6 address'],
    ['http://[::ffff:127.0.0.1]', 'a mapped address'],
    ['http://localhost', 'a name'],
    ['http://localhost.', 'a name with a dot at its end'],
    ['http://user:password@127.0.0.1', 'an address behind user and password'],
  ])('does not reach this machine by %s (%s)', async (base) => {
    visits = [];
    const refused = http().send({ method: 'GET', url: `${base}:${port}/` });
    await expect(refused).rejects.toMatchObject({
      code: expect.stringMatching(/^(ADDRESS_REFUSED|ENOTFOUND)$/),
      mayHaveArrived: false,
    });
    expect(visits).toEqual([]);
  });

  it.each(['ftp://example.com/', 'file:///etc/passwd', 'no url', 'http://8.8.8.8/'])(
    'is HTTPS: %s is refused',
    async (url) => {
      const refused = http().send({ method: 'GET', url, timeoutMs: 500 });
      await expect(refused).rejects.toBeInstanceOf(OutboundFault);
      await expect(refused).rejects.toMatchObject({
        code: expect.stringMatching(/^(ADDRESS_REFUSED|ERR_INVALID_URL)$/),
        mayHaveArrived: false,
      });
    },
  );

  it('goes to the address that was checked, however often the answer of DNS flips', async () => {
    visits = [];
    const dns = answering('93.184.216.34', '127.0.0.1');
    const agent = checkedAgent([], dns.resolve);
    const signal = AbortSignal.timeout(1500);
    await expect(request(`http://flips.example:${port}/`, { dispatcher: agent, signal })).rejects.toThrow();
    expect([visits, dns.asked()]).toEqual([[], 1]);
    await expect(request(`http://flips.example:${port}/`, { dispatcher: agent })).rejects.toMatchObject({
      code: 'ADDRESS_REFUSED',
    });
    expect(visits).toEqual([]);
    await agent.destroy();
  });

  it('reaches a private network that an operator has allowed', async () => {
    visits = [];
    const agent = checkedAgent(LOOPBACK, answering('127.0.0.1').resolve);
    const { statusCode, body } = await request(`http://crm.internal:${port}/`, { dispatcher: agent });
    await body.dump();
    expect([statusCode, visits]).toEqual([200, ['/']]);
    await agent.destroy();
  });

  it('follows no redirect: the answer is a status like others', async () => {
    visits = [];
    const client = local();
    const answer = await client.send({ method: 'GET', url: `http://127.0.0.1:${port}/redirect` });
    expect([answer.status, visits]).toEqual([302, ['/redirect']]);
    await client.onApplicationShutdown();
  });

  it('ends when its time is over or the answer is too large, and may have arrived', async () => {
    const client = local();
    const late = client.send({ method: 'POST', url: `http://127.0.0.1:${port}/silence`, timeoutMs: 200 });
    await expect(late).rejects.toMatchObject({ code: 'TIMEOUT', mayHaveArrived: true });
    const large = client.send({ method: 'GET', url: `http://127.0.0.1:${port}/large` });
    await expect(large).rejects.toMatchObject({ code: 'ANSWER_TOO_LARGE', mayHaveArrived: true });
    await client.onApplicationShutdown();
  });
});
