import { Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { Clock } from '../../../platform/clock.js';
import { JobHandler, type ScheduledJob } from '../../../platform/jobs/job-handler.js';
import { Answers } from '../asking/answers.service.js';
import type { AnyQuestion } from '../definitions/any-question.dto.js';
import { KEPT_KINDS } from './kept-kinds.js';
import { questionFrom } from './saved-answers.service.js';

const HOUR_MS = 3_600_000;
/** Each statement counts an eighth of all persons, so that it stays far below the timeout. */
const SLICES = 8;

/**
 * Answers the newest version of each saved question about retention or milestones, and keeps the findings. A question
 * that fails keeps its last answer, whose age is shown, and does not stop the others.
 */
@Injectable()
@JobHandler('refresh-rollups')
export class RefreshRollupsJob implements ScheduledJob {
  readonly schedule = { cron: '41 * * * *', catchUpMs: HOUR_MS };
  private readonly logger = new Logger('questions');

  constructor(
    private readonly clock: Clock,
    private readonly answers: Answers,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  async run(): Promise<void> {
    const { manager } = this.dataSource;
    const newest = await manager.query<KeptQuestion[]>(NEWEST, [KEPT_KINDS]);
    await manager.query('delete from analytics_rollups where version_id <> all($1::uuid[])', [
      newest.map(({ versionId }) => versionId),
    ]);
    for (const question of newest) await this.refresh(question);
  }

  private async refresh({ versionId, name, definition }: KeptQuestion): Promise<void> {
    const asOf = this.clock.now();
    try {
      const findings = await this.answers.find(questionFrom(definition), { asOf, slices: SLICES });
      await this.dataSource.manager.query(KEEP, [versionId, asOf, findings]);
    } catch (error) {
      this.logger.error({ event: 'saved question not refreshed', name, error });
    }
  }
}

interface KeptQuestion {
  versionId: string;
  name: string;
  definition: AnyQuestion;
}

const NEWEST = `
  select distinct on (q.id) v.id as "versionId", name, definition
  from analytics_questions q join analytics_question_versions v on v.question_id = q.id
  where definition ->> 'kind' = any($1::text[])
  order by q.id, version desc`;

/** A question that was deleted while it was answered has no version any more. */
const KEEP = `
  insert into analytics_rollups (version_id, wanted_at, as_of, findings)
  select id, created_at, $2::timestamptz, $3::jsonb from analytics_question_versions where id = $1
  on conflict (version_id) do update set as_of = excluded.as_of, findings = excluded.findings`;
