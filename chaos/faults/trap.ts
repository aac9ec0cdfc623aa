import type { FaultPoint, Moment, Step } from './fault-point.js';

/** Lies in wait on all wires of one process, for one fault point. */
export class Trap {
  private waiting?: { point: FaultPoint; sprung: () => void };

  /** Lays the trap. Resolves once the process is at the point, held there. */
  async lay(point: FaultPoint): Promise<void> {
    await new Promise<void>((sprung) => {
      this.waiting = { point, sprung };
    });
  }

  remove(): void {
    this.waiting = undefined;
  }

  /** Whether the trap is laid for this point. */
  isAt(step: Step | null, moment: Moment): boolean {
    return this.waiting?.point.step === step && this.waiting?.point.moment === moment;
  }

  /** Springs the trap: from here on the caller lets nothing through. */
  spring(): void {
    this.waiting?.sprung();
    this.waiting = undefined;
  }
}
