import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Another process of the service works on the same DATA_DIR. */
export class DataDirInUse extends Error {
  constructor(dataDir: string, pid: number) {
    super(
      `DATA_DIR ${dataDir} is in use by the process ${pid}. Stop that one, or start this one with another DATA_DIR ` +
        `(and PORT, MAILBOX_SMTP_PORT, MAILBOX_WEB_PORT).`,
    );
  }
}

/**
 * Claims a data directory for this process. A lock left by a killed process is taken over. A process id that
 * was reused by another process is recognised by its start time (if /proc has it).
 * @returns a function that releases the directory
 * @throws DataDirInUse
 */
export function lockDataDir(dataDir: string): () => void {
  mkdirSync(dataDir, { recursive: true });
  const file = join(dataDir, 'service.pid');
  // Linked into place when complete, so that no process reads half a lock.
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, `${process.pid} ${startTimeOf(process.pid)}`);
  for (;;) {
    try {
      linkSync(draft, file);
      rmSync(draft);
      return () => rmSync(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      const [pid = '', startTime = ''] = readFileSync(file, 'utf8').split(' ');
      if (isRunning(Number(pid), startTime)) {
        rmSync(draft);
        throw new DataDirInUse(dataDir, Number(pid));
      }
      rmSync(file, { force: true });
    }
  }
}

function isRunning(pid: number, startTime: string): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  return startTimeOf(pid) === startTime;
}

/** Clock ticks since boot at which a process started (field 22 of /proc/pid/stat); empty elsewhere. */
function startTimeOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}
