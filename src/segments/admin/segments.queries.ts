import { In, type EntityManager } from 'typeorm';
import type { Definitions } from '../definitions/definitions.js';
import { Segment } from '../definitions/segment.entity.js';
import { SegmentVersion } from '../definitions/segment-version.entity.js';
import type { SegmentDto, SegmentUserDto } from './segment.dto.js';

/** All segments by name, or one. */
export async function findSegments(
  manager: EntityManager,
  definitions: Definitions,
  users: ReadonlyMap<string, readonly SegmentUserDto[]>,
  name?: string,
): Promise<SegmentDto[]> {
  const segments = await manager.find(Segment, { where: name ? { name } : {}, order: { name: 'ASC' } });
  const versions = await manager.find(SegmentVersion, {
    where: { segmentId: In(segments.map(({ id }) => id)) },
    order: { version: 'DESC' },
  });
  const counts = await countMembers(manager, segments);
  return segments.map((segment) => ({
    name: segment.name,
    description: segment.description,
    createdAt: segment.createdAt,
    members: segment.servingVersionId === null ? null : (counts.get(segment.servingVersionId) ?? 0),
    brokenBecause: definitions.broken
      .filter((broken) => broken.segment === segment.name)
      .flatMap(({ problems }) => [...problems]),
    usedBy: [...(users.get(segment.name) ?? [])],
    versions: versions
      .filter(({ segmentId }) => segmentId === segment.id)
      .map(({ version, rule, status, createdBy, createdAt, servedFrom, servedUntil }) => ({
        version,
        rule,
        status,
        createdBy,
        createdAt,
        servedFrom,
        servedUntil,
      })),
  }));
}

async function countMembers(
  manager: EntityManager,
  segments: readonly Segment[],
): Promise<Map<number, number>> {
  const serving = segments.map(({ servingVersionId }) => servingVersionId);
  const rows = await manager.query<{ versionId: number; members: number }[]>(COUNT_MEMBERS, [serving]);
  return new Map(rows.map(({ versionId, members }) => [versionId, members]));
}

const COUNT_MEMBERS = `
  select version_id as "versionId", count(*)::int as members from segment_members
  where version_id = any($1)
  group by 1`;
