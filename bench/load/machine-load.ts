import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const QUIET_CHECK_MS = 1000;
/** Linux counts CPU time in ticks of 10 ms. */
const TICK_SECONDS = 0.01;

/** The run's processes by role; a process's children count with it. */
export type Roles = Record<string, number>;

/** Who used the CPU during some work. */
export interface CpuUse {
  /** CPU seconds of each role. */
  seconds: Record<string, number>;
  /** Share of all cores that processes outside the run took: it makes figures worse. */
  foreignShare: number;
}

/** CPU ticks since boot. */
interface Ticks {
  total: number;
  /** User, nice, system and stolen; interrupts belong to nobody. */
  busy: number;
  roles: Record<string, number>;
}

/** Runs `work` and tells who used the CPU meanwhile; null where the system does not say (not Linux). */
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

/** Waits until processes outside the run take at most this share of all cores for a second. */
export async function untilQuiet(roles: Roles, maxShare: number): Promise<void> {
  for (;;) {
    const { cpu } = await observeCpu(roles, () => sleep(QUIET_CHECK_MS));
    if (!cpu || cpu.foreignShare <= maxShare) return;
  }
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

/** Ticks of each role's process, its living children and those that ended. */
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

/** Fields of `/proc/<pid>/stat`, counted from behind the command, which may hold spaces. */
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
