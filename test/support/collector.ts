import { type Answer, request, type TestApp } from './test-app.js';

/** A new write key. */
export async function makeWriteKey(service: TestApp): Promise<string> {
  const { body } = await service.admin('api-keys', { name: 'a client', role: 'collector' });
  return body.key;
}

/** A client of the collector with a key. */
export class CollectorClient {
  private constructor(
    readonly service: TestApp,
    readonly key: string,
  ) {}

  static async of(service: TestApp): Promise<CollectorClient> {
    return new CollectorClient(service, await makeWriteKey(service));
  }

  /** Sends a body to `/v1/<call>` with the key as the user name. */
  send(call: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    return request(`${this.service.url}/v1/${call}`, {
      method: 'POST',
      headers: {
        authorization: `Basic ${Buffer.from(`${this.key}:`).toString('base64')}`,
        'content-type': 'application/json',
        ...headers,
      },
      body: typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body),
    });
  }

  batch(...batch: unknown[]): Promise<Answer> {
    return this.send('batch', { batch });
  }
}

/** A row of the stream. */
export interface StreamRow {
  occurredAt: Date;
  userId: string | null;
  anonymousId: string | null;
  type: string;
  name: string;
  properties: Record<string, unknown>;
  context: Record<string, unknown>;
}

/** Rows of the stream in its order. */
export function streamOf(service: TestApp, where = 'true', values: unknown[] = []): Promise<StreamRow[]> {
  return service.database.rows<StreamRow>(
    `select occurred_at as "occurredAt", user_id as "userId", anonymous_id as "anonymousId", type, name, properties,
       context
     from behaviour_events left join people using (person_id) where ${where} order by occurred_at, event_id`,
    values,
  );
}
