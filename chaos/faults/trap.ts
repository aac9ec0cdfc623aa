import type { FaultPoint, Moment, Step } from './fault-point.js';

/** Waits on all connections of one process for one fault point. */
export class Trap {
  private waiting?: { point: FaultPoint; sprung: () => void };

  /** Sets the trap. Resolves when the process is held at the point. */
  async set(point: FaultPoint): Promise<void> {
    await new Promise<void>((sprung) => {
      this.waiting = { point, sprung };
    });
  }

  remove(): void {
    this.waiting = undefined;
  }

  /** Whether the trap is set for this point. */
  isAt(step: Step | null, moment: Moment): boolean {
    return this.waiting?.point.step === step && this.waiting?.point.moment === moment;
  }

  /** Springs the trap: from here on the caller passes nothing on. */
  spring(): void {
    this.waiting?.sprung();
    this.waiting = undefined;
  }
}
