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
    const automations = await manager.query<{ name: string; segment: string }[]>(AUTOMATIONS);
    const used = [
      ...[...mentions].flatMap(([name, segments]) =>
        segments.map((segment) => ({ segment, user: { type: 'segment' as const, name } })),
      ),
      ...[...(this.notifications.audiences ?? [])].map(([kind, segment]) => ({
        segment,
        user: { type: 'message_kind' as const, name: kind },
      })),
      ...questions.map(({ name, segment }) => ({ segment, user: { type: 'question' as const, name } })),
      ...automations.map(({ name, segment }) => ({ segment, user: { type: 'automation' as const, name } })),
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

/** The automations about a segment, in their present versions and in those of runs under way. */
const AUTOMATIONS = `
  select distinct name, segment #>> '{}' as segment
  from automations join automation_versions versions on automation = name
  cross join jsonb_path_query(definition, '$.**.segment ? (@.type() == "string")') as segment
  where versions.version = automations.version or exists (
    select from automation_runs runs
    where runs.automation = name and runs.version = versions.version and due_at is not null)
  order by name`;
