import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** Linux counts CPU time in ticks of 10 ms. */
const TICK_SECONDS = 0.01;

/** Process id of each role. A process's children count with it. */
export type Roles = Record<string, number>;

/** CPU use during a piece of work. */
export interface CpuUse {
  /** CPU seconds of each role. */
  seconds: Record<string, number>;
  /** Share of all cores used by processes outside the benchmark, which makes the figures worse. */
  foreignShare: number;
}

/** CPU ticks since boot. */
interface Ticks {
  total: number;
  /**
   * User, nice, system and stolen time. Time in interrupts is left out: it cannot be assigned to a process.
   */
  busy: number;
  roles: Record<string, number>;
}

/**
 * Runs `work` and measures the CPU use of each role. Null if the system does not report it (not Linux).
 */
export async function observeCpu<T>(
  roles: Roles,
  work: () => Promise<T>,
): Promise<{ result: T; cpu: CpuUse | null }> {
  const before = readTicks(roles);
  const result = await work();
  const after = readTicks(roles);
  if (!before || !after) return { result, cpu: null };
  const seconds: Record<string, number> = {};
  let foreign = after.busy - before.busy;
  for (const role of Object.keys(roles)) {
    const ticks = (after.roles[role] ?? 0) - (before.roles[role] ?? 0);
    seconds[role] = ticks * TICK_SECONDS;
    foreign -= ticks;
  }
  const foreignShare = Math.max(0, foreign / (after.total - before.total));
  return { result, cpu: { seconds, foreignShare } };
}

function readTicks(roles: Roles): Ticks | null {
  if (!existsSync('/proc/stat')) return null;
  const [first = ''] = readFileSync('/proc/stat', 'utf8').split('\n');
  const [user = 0, nice = 0, system = 0, idle = 0, iowait = 0, irq = 0, softirq = 0, steal = 0] = first
    .split(/\s+/)
    .slice(1)
    .map(Number);
  const busy = user + nice + system + steal;
  return { total: busy + idle + iowait + irq + softirq, busy, roles: readRoleTicks(roles) };
}

/** Ticks of each role's process and of its children, running and ended. */
function readRoleTicks(roles: Roles): Record<string, number> {
  const roleOf = new Map(Object.entries(roles).map(([role, pid]) => [pid, role]));
  const ticks: Record<string, number> = {};
  for (const entry of readdirSync('/proc')) {
    const process = /^\d+$/.test(entry) ? readProcess(entry) : null;
    if (!process) continue;
    const ownRole = roleOf.get(Number(entry));
    const role = ownRole ?? roleOf.get(process.parent);
    if (!role) continue;
    ticks[role] = (ticks[role] ?? 0) + process.ticks + (ownRole ? process.endedChildrenTicks : 0);
  }
  return ticks;
}

/** Fields of `/proc/<pid>/stat`, counted from the end of the command, which may contain spaces. */
function readProcess(pid: string) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const number = (index: number) => Number(fields[index]);
    return { parent: number(1), ticks: number(11) + number(12), endedChildrenTicks: number(13) + number(14) };
  } catch {
    return null;
  }
}
