import type { Revenue } from '../../../subscriptions/revenue/revenue.service.js';
import type { RevenueRetentionDto } from '../definitions/retention.dto.js';
import type { Findings } from '../sql/question-context.js';

/** The answer of `GET /admin/revenue/cohorts`, so that there is one definition of revenue. */
export async function answerRevenueRetention(
  { from, to, zone, currency }: RevenueRetentionDto,
  revenue: Revenue,
): Promise<Findings> {
  const { definition, cohorts } = await revenue.cohorts({ from, to, zone, currency });
  return { period: null, limits: [], result: { definition, cohorts } };
}
