/** The service, and the key of an operator. */
export interface Service {
  url: string;
  adminKey: string;
}

/** Calls the admin API: POST with a body, else GET. @throws for an answer that is no success */
export function ask<T>({ url, adminKey }: Service, path: string, body?: object): Promise<T> {
  return call(`${url}/admin/${path}`, adminKey, body);
}

/** Makes an API key of a role. */
export async function keyOf(service: Service, role: string, run: string): Promise<string> {
  const { key } = await ask<{ key: string }>(service, 'api-keys', { name: `demo ${role} ${run}`, role });
  return key;
}

/** Calls a route with a key: POST with a body, else GET. @throws for an answer that is no success */
export async function call<T>(url: string, key: string, body?: object): Promise<T> {
  const response = await fetch(url, {
    method: body ? 'POST' : 'GET',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${url}: ${response.status} ${text}`);
  return JSON.parse(text) as T;
}
