import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { NotificationsSettings } from '../../notifications/notifications.settings.js';
import { mentionsOf } from './check-rule.js';
import type { SegmentUserDto } from './segment.dto.js';

/** Finds what needs a segment, which cannot be deleted then. */
@Injectable()
export class SegmentUsers {
  constructor(private readonly notifications: NotificationsSettings) {}

  /** By the name of the segment. */
  async find(manager: EntityManager): Promise<ReadonlyMap<string, readonly SegmentUserDto[]>> {
    const mentions = await mentionsOf(manager);
    const questions = await manager.query<{ name: string; segment: string }[]>(QUESTIONS);
    const experiments = await manager.query<{ name: string; segment: string }[]>(EXPERIMENTS);
    const used = [
      ...[...mentions].flatMap(([name, segments]) =>
        segments.map((segment) => ({ segment, user: { type: 'segment' as const, name } })),
      ),
      ...[...(this.notifications.audiences ?? [])].map(([kind, segment]) => ({
        segment,
        user: { type: 'message_kind' as const, name: kind },
      })),
      ...questions.map(({ name, segment }) => ({ segment, user: { type: 'question' as const, name } })),
      ...experiments.map(({ name, segment }) => ({ segment, user: { type: 'experiment' as const, name } })),
    ];
    const users = new Map<string, SegmentUserDto[]>();
    for (const { segment, user } of used) users.set(segment, [...(users.get(segment) ?? []), user]);
    return users;
  }
}

/** The saved questions about a segment, in their newest version. */
const QUESTIONS = `
  select distinct name, segment #>> '{}' as segment
  from analytics_questions questions
  cross join lateral (
    select definition from analytics_question_versions
    where question_id = questions.id order by version desc limit 1
  ) as newest
  cross join jsonb_path_query(definition, '$.**.segment ? (@.type() == "string")') as segment
  order by name`;

const EXPERIMENTS = `
  select name, segment from experiments where segment is not null and status <> 'decided' order by name`;
