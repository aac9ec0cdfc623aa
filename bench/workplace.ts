import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmbeddedPostgres } from '../src/platform/development/embedded-postgres.js';

type Step = () => Promise<unknown> | void;

/** The run's folder and PostgreSQL server (its default settings: every commit reaches the disk). */
export class Workplace {
  private readonly steps: Step[] = [];
  private cleaning?: Promise<void>;

  private constructor(
    readonly folder: string,
    readonly postgres: EmbeddedPostgres,
  ) {}

  static async open(): Promise<Workplace> {
    const folder = mkdtempSync(join(tmpdir(), 'mingus-bench-'));
    try {
      return new Workplace(folder, await EmbeddedPostgres.start(folder));
    } catch (error) {
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
  }

  async postgresVersion(): Promise<string> {
    const { rows } = await this.postgres.query('show server_version');
    return rows[0].server_version as string;
  }

  /** Registers a step to run at the end, latest first. After the end has begun, it runs at once. */
  defer(step: Step): void {
    if (this.cleaning) void this.undo(step);
    else this.steps.push(step);
  }

  /** Ends all processes and removes the folder, even if a step fails. */
  clean(): Promise<void> {
    this.cleaning ??= (async () => {
      for (const step of this.steps.toReversed()) {
        await this.undo(step);
      }
      await this.postgres.stop();
      rmSync(this.folder, { recursive: true, force: true });
    })();
    return this.cleaning;
  }

  private async undo(step: Step): Promise<void> {
    try {
      await step();
    } catch (error) {
      console.error(error);
    }
  }
}
