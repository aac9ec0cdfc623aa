import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { type Definitions, type DefinitionRow, definitionsOf, NO_DEFINITIONS } from './definitions.js';

/** How soon a process knows what another one defined. */
const LOOK_EVERY_MS = 1000;

/** The definitions in use, as this process knows them. */
@Injectable()
export class SegmentDefinitions implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger('segments');
  private timer?: NodeJS.Timeout;
  private known: Definitions = NO_DEFINITIONS;

  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.refresh();
    this.timer = setInterval(() => void this.refreshSafely(), LOOK_EVERY_MS).unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  /** At most a second old. */
  get current(): Definitions {
    return this.known;
  }

  /** Reads the definitions again if they have changed. */
  async refresh(): Promise<void> {
    const [row] = await this.dataSource.query<{ revision: string }[]>(REVISION);
    const revision = Number(row?.revision ?? 0);
    if (revision === this.known.revision) return;
    this.known = definitionsOf(revision, await this.dataSource.query<DefinitionRow[]>(ACTIVE_DEFINITIONS));
  }

  private async refreshSafely(): Promise<void> {
    try {
      await this.refresh();
    } catch (error) {
      this.logger.warn({ event: 'segments not read', error });
    }
  }
}

const REVISION = 'select revision from segment_revisions';

/** The versions that decide. One that changes after the revision was read is read again a second later. */
export const ACTIVE_DEFINITIONS = `
  select versions.id, segment_id as "segmentId", name, rule, status, serving_version_id as "servingVersionId"
  from segment_versions versions join segments on segments.id = segment_id
  where status <> 'retired'
  order by versions.id`;
