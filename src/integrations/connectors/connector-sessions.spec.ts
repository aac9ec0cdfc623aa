import { describe, expect, it } from 'vitest';
import type { OutboundRequest, OutboundResponse } from '../../platform/outbound/outbound-http.service.js';
import type { Connector, RatePolicy } from './connector.js';
import { ConnectorSessions } from './connector-sessions.service.js';

const connector = {
  describe: () => ({ settings: [], secrets: [], rate: { requests: 0, perSeconds: 1, concurrency: 1 } }),
} as unknown as Connector;

const instance = { name: 'crm', system: 'crm', settings: {}, secrets: {}, requestsPerSecond: null };

describe('a session with a connector', () => {
  const sent: OutboundRequest[] = [];
  const http = {
    send: async (request: OutboundRequest) => {
      sent.push(request);
      return { status: 200, headers: {}, text: '', json: undefined } satisfies OutboundResponse;
    },
  };
  const policies: RatePolicy[] = [];
  const rates = {
    take: async (_credential: string, policy: RatePolicy) => void policies.push(policy),
    hold: async () => undefined,
  };
  const given = [{ timeoutSeconds: 20 }, {}, rates, http] as unknown;
  const sessions = new ConnectorSessions(...(given as ConstructorParameters<typeof ConnectorSessions>));
  const request = { method: 'GET', url: 'https://crm.example.com' } as const;

  it('begins no request whose time-out ends after the claim', async () => {
    const begin = (secondsLeft: number, timeoutMs?: number) => {
      const session = sessions.open(connector, instance, Date.now() + secondsLeft * 1000);
      return session.request({ ...request, ...(timeoutMs ? { timeoutMs } : {}) });
    };
    await expect(begin(25)).resolves.toMatchObject({ status: 200 });
    await expect(begin(15)).rejects.toMatchObject({ code: 'OUT_OF_TIME', mayHaveArrived: false });
    await expect(begin(15, 5000)).resolves.toMatchObject({ status: 200 });
    expect(sent.map(({ timeoutMs }) => timeoutMs)).toEqual([20_000, 5000]);
  });

  it('keeps the rate of its instance, or that of the system', async () => {
    policies.length = 0;
    for (const requestsPerSecond of [null, 0.5])
      await sessions.open(connector, { ...instance, requestsPerSecond }).request(request);
    expect(policies).toMatchObject([
      { requests: 0, perSeconds: 1 },
      { requests: 0.5, perSeconds: 1 },
    ]);
  });
});
