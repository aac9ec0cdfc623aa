import { realpath, stat, statfs } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { AuditSettings } from '../../audit/audit.settings.js';
import { DevelopmentSettings } from '../../platform/development/development.settings.js';
import type { DiskReading } from './disk-reading.entity.js';

type Disk = Omit<DiskReading, 'measuredAt'>;

/**
 * The disks of the processes of the service: those of `DATA_DIR` (or the working directory) and of
 * `AUDIT_HEADS_FILE`. Each process records its own, so that the process that evaluates the alerts has those
 * of all hosts.
 */
@Injectable()
export class DiskReadings {
  constructor(
    private readonly development: DevelopmentSettings,
    private readonly audit: AuditSettings,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  /** Records the usage of the disks of this process. */
  async record(): Promise<void> {
    const { headsFile } = this.audit;
    const folders = [this.development.dataDir, ...(headsFile ? [dirname(headsFile)] : [])];
    const disks = new Map<string, { totalBytes: number; freeBytes: number }>();
    for (const folder of folders) {
      const place = await realpath(folder).catch(() => realpath('.'));
      const { blocks, bavail, bsize } = await statfs(place);
      disks.set(await mountOf(place), { totalBytes: blocks * bsize, freeBytes: bavail * bsize });
    }
    const rows = [...disks].map(([mount, bytes]) => ({ mount, ...bytes }));
    await this.dataSource.query(RECORD, [hostname(), JSON.stringify(rows)]);
  }

  /** The fullest of all recently recorded disks. */
  async findFullest(): Promise<Disk | null> {
    const [fullest] = await this.dataSource.query<Disk[]>(FULLEST);
    return fullest ?? null;
  }
}

/** The topmost folder on the same file system. */
async function mountOf(place: string): Promise<string> {
  const { dev } = await stat(place);
  let mount = place;
  while (dirname(mount) !== mount && (await stat(dirname(mount))).dev === dev) mount = dirname(mount);
  return mount;
}

const RECORD = `
  insert into disk_readings (host, mount, total_bytes, free_bytes, measured_at)
  select $1, mount, "totalBytes", "freeBytes", now()
  from json_to_recordset($2::json) as disk (mount text, "totalBytes" bigint, "freeBytes" bigint)
  order by mount
  on conflict (host, mount) do update set total_bytes = excluded.total_bytes, free_bytes = excluded.free_bytes,
    measured_at = excluded.measured_at`;

const FULLEST = `
  select host, mount, total_bytes::float8 as "totalBytes", free_bytes::float8 as "freeBytes"
  from disk_readings
  where measured_at > now() - interval '90 seconds' and total_bytes > 0
  order by free_bytes::float8 / total_bytes limit 1`;
