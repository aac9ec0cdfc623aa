import { fork } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'undici';
import type { CrmIsUp } from '../../servers/crm.js';
import { AUTHORIZATION } from '../../targets.js';
import type { Workplace } from '../../workplace.js';

/** What a service needs to reach the fake CRMs. */
export const CRM_ENV = { OUTBOUND_PRIVATE_NETWORKS: '127.0.0.0/8', SECRET_BENCH_CRM: 'pat-bench' };

/** Starts a fake CRM in another process. @returns its address */
export async function startCrm(workplace: Workplace, mode: 'answers' | 'silent'): Promise<string> {
  const server = new URL('../../servers/crm.ts', import.meta.url);
  const child = fork(server, [mode], { execArgv: ['--import', 'tsx'] });
  workplace.defer(() => {
    child.kill('SIGKILL');
  });
  const [{ port }] = (await once(child, 'message')) as [CrmIsUp];
  return `http://127.0.0.1:${port}`;
}

/** Creates a connector to a fake CRM, without a limit of rate, and enables it. */
export async function connect(service: string, name: string, baseUrl: string): Promise<void> {
  const secrets = { token: 'env:SECRET_BENCH_CRM' };
  const body = { name, system: 'hubspot', settings: { baseUrl }, secrets, requestsPerSecond: 0 };
  await callAdmin(service, 'connectors', body);
  await callAdmin(service, `connectors/${name}/enable`, {});
}

/** @throws unless the call succeeds */
export async function callAdmin(service: string, path: string, body: object): Promise<void> {
  const answer = await request(`${service}/admin/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: AUTHORIZATION },
    body: JSON.stringify(body),
  });
  const text = await answer.body.text();
  if (answer.statusCode > 299) throw new Error(`${path} answered ${answer.statusCode}: ${text}`);
}
