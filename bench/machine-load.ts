import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const QUIET_CHECK_MS = 1000;

/** CPU time in clock ticks since boot. */
interface CpuTimes {
  total: number;
  /** User, nice, system and stolen; interrupts belong to nobody. */
  busy: number;
  own: number;
}

/** Tells how much of the machine other work takes: it makes figures worse, so it is told beside them. */
export class MachineLoad {
  /** @param roots the run's processes; their children count as well */
  constructor(private readonly roots: () => readonly number[]) {}

  /** Runs `work` and measures the share of all cores that others used meanwhile; null where unknown. */
  async during<T>(work: () => Promise<T>): Promise<{ result: T; foreignShare: number | null }> {
    const before = this.read();
    const result = await work();
    const after = this.read();
    if (!before || !after) return { result, foreignShare: null };
    const foreign = after.busy - before.busy - (after.own - before.own);
    return { result, foreignShare: Math.max(0, foreign / (after.total - before.total)) };
  }

  /** Waits until others use at most this share for a second. */
  async untilQuiet(maxShare: number): Promise<void> {
    for (;;) {
      const { foreignShare } = await this.during(() => sleep(QUIET_CHECK_MS));
      if (foreignShare === null || foreignShare <= maxShare) return;
    }
  }

  private read(): CpuTimes | null {
    if (!existsSync('/proc/stat')) return null;
    const [first = ''] = readFileSync('/proc/stat', 'utf8').split('\n');
    const [user = 0, nice = 0, system = 0, idle = 0, iowait = 0, irq = 0, softirq = 0, steal = 0] = first
      .split(/\s+/)
      .slice(1)
      .map(Number);
    const busy = user + nice + system + steal;
    return { total: busy + idle + iowait + irq + softirq, busy, own: this.ownTicks() };
  }

  /** Ticks of the roots and their living children, and of children that ended. */
  private ownTicks(): number {
    const roots = new Set(this.roots());
    let ticks = 0;
    for (const entry of readdirSync('/proc')) {
      const process = /^\d+$/.test(entry) ? readProcess(entry) : null;
      if (!process) continue;
      if (roots.has(Number(entry))) ticks += process.ticks + process.endedChildrenTicks;
      else if (roots.has(process.parent)) ticks += process.ticks;
    }
    return ticks;
  }
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
