import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { FollowedDefinitions } from '../../platform/definitions/followed-definitions.js';
import { type Definitions, type DefinitionRow, definitionsOf, NO_DEFINITIONS } from './definitions.js';

/** The definitions in use, as this process knows them. */
@Injectable()
export class SegmentDefinitions extends FollowedDefinitions<Definitions> {
  constructor(@InjectDataSource() dataSource: DataSource) {
    super(dataSource, NO_DEFINITIONS);
  }

  protected async readRevision(): Promise<number> {
    const [row] = await this.dataSource.query<{ revision: string }[]>(REVISION);
    return Number(row?.revision ?? 0);
  }

  protected async readDefinitions(revision: number): Promise<Definitions> {
    return definitionsOf(revision, await this.dataSource.query<DefinitionRow[]>(ACTIVE_DEFINITIONS));
  }
}

const REVISION = 'select revision from segment_revisions';

/** The versions that decide. One that changes after the revision was read is read again a second later. */
export const ACTIVE_DEFINITIONS = `
  select versions.id, segment_id as "segmentId", name, rule, status, serving_version_id as "servingVersionId"
  from segment_versions versions join segments on segments.id = segment_id
  where status <> 'retired'
  order by versions.id`;
