import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Reports its port to the parent process. */
export interface CrmIsUp {
  port: number;
}

interface UpsertInput {
  id: string;
  properties: Record<string, unknown>;
  objectWriteTraceId: string;
}

/** A CRM in a process of its own that takes batches of contacts as HubSpot does. With `silent` it never answers. */
const isSilent = process.argv[2] === 'silent';

const server = createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  if (isSilent) return;
  const { inputs = [] } = JSON.parse(Buffer.concat(chunks).toString() || '{}') as { inputs?: UpsertInput[] };
  // It has no contact that it could read.
  const written = request.url?.endsWith('/batch/upsert') ? inputs : [];
  const results = written.map(({ id, properties, objectWriteTraceId }) => {
    return { id: `contact-${id}`, properties, objectWriteTraceId };
  });
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ status: 'COMPLETE', results }));
});
process.on('disconnect', () => process.exit());
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  process.send?.({ port } satisfies CrmIsUp);
});
