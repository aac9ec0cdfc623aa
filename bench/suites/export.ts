import { request } from 'undici';
import { describeMachine, table, writeSection } from '../report.js';
import { AUTHORIZATION, Target } from '../targets.js';
import type { Suite } from './suite.js';

const ENTRIES = 1_000_000;

/**
 * Exports an audit trail of a million entries as NDJSON and as CSV, and measures speed and the service's
 * memory.
 */
export const measureExport: Suite = async (workplace, { customers = ENTRIES, isRecorded }) => {
  const target = await Target.start(workplace, 'service', { name: 'export' });
  await target.database.query(INSERT, [customers]);
  await target.database.query('vacuum analyze audit_entries');
  const idleMb = target.server.peakRssMb;
  const rows: string[][] = [];
  for (const format of ['ndjson', 'csv']) {
    const startedAt = performance.now();
    const { lines, bytes } = await download(
      `${target.server.url}/admin/audit-entries/export?format=${format}`,
    );
    const seconds = (performance.now() - startedAt) / 1000;
    // Each export is itself recorded, before it is read.
    const expected = (await target.database.count('audit_entries')) + (format === 'csv' ? 1 : 0);
    if (lines !== expected) throw new Error(`${lines} of ${expected} lines were exported`);
    rows.push([
      format,
      `${seconds.toFixed(1)} s`,
      `${(customers / seconds).toFixed(0)}/s`,
      `${(bytes / 1e6).toFixed(0)} MB`,
      `${target.server.peakRssMb.toFixed(0)} MB`,
    ]);
  }
  const markdown = `${table(['format', 'took', 'entries/s', 'size', 'peak RSS so far'], rows)}\n\nRSS before: ${idleMb.toFixed(0)} MB.`;
  console.log(`\n${markdown}\n`);
  if (!isRecorded) return;
  const machine = describeMachine(await workplace.postgresVersion());
  writeSection('export', `## Exporting ${customers} audit entries\n\n${machine}\n\n${markdown}`);
};

async function download(url: string): Promise<{ lines: number; bytes: number }> {
  const { statusCode, body } = await request(url, { headers: { authorization: AUTHORIZATION } });
  if (statusCode !== 200) throw new Error(`Answered ${statusCode}: ${await body.text()}`);
  let lines = 0;
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    for (const byte of chunk) if (byte === 0x0a) lines += 1;
  }
  return { lines, bytes };
}

const INSERT = `
  insert into audit_entries (id, action, actor_type, object_type, object_id, source, details, occurred_at)
  select uuidv7(), 'customer.created', 'stripe', 'customer', 'cus_' || n, 'webhook',
    jsonb_build_object('fields', jsonb_build_array('email', 'name'), 'n', n), now()
  from generate_series(1, $1::int) n`;
