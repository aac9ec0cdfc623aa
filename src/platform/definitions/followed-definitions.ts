import { Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { DataSource } from 'typeorm';

/** How soon a process knows what another one defined. */
const LOOK_EVERY_MS = 1000;

/** What is read again when its revision changes. */
export interface Revised {
  /** Counts the changes. */
  readonly revision: number;
}

/** Stored definitions, as this process knows them. It looks for a new revision each second. */
export abstract class FollowedDefinitions<T extends Revised>
  implements OnApplicationBootstrap, OnApplicationShutdown
{
  private readonly logger = new Logger(this.constructor.name);
  private timer?: NodeJS.Timeout;

  /** @param known what is known before the first look */
  protected constructor(
    protected readonly dataSource: DataSource,
    private known: T,
  ) {}

  /** Reads the present revision. */
  protected abstract readRevision(): Promise<number>;

  /** Reads the definitions. Those that changed after the revision was read are read again a second later. */
  protected abstract readDefinitions(revision: number): Promise<T>;

  async onApplicationBootstrap(): Promise<void> {
    await this.refresh();
    this.timer = setInterval(() => void this.refreshSafely(), LOOK_EVERY_MS).unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  /** At most a second old. */
  get current(): T {
    return this.known;
  }

  /** Reads the definitions again if they have changed. */
  async refresh(): Promise<void> {
    const revision = await this.readRevision();
    if (revision !== this.known.revision) this.known = await this.readDefinitions(revision);
  }

  private async refreshSafely(): Promise<void> {
    try {
      await this.refresh();
    } catch (error) {
      this.logger.warn({ event: 'definitions not read', error });
    }
  }
}
