import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { DomainError } from '../../platform/http/domain-error.js';
import type {
  FlowDto,
  FlowQuery,
  StageCustomersPageDto,
  StageCustomersQuery,
  StageDto,
  StageQuery,
} from './lifecycle.dto.js';
import { countFlow, findByStage, findStage } from './lifecycle.queries.js';

const FLOW_MS = 30 * 86_400_000;
const DEFINITION =
  "Changes of stage from `from` on and before `to`, by Stripe's time. A customer that is created goes from no stage to onboarding.";

/** Answers questions about the stages of customers from their changes, which are kept for ever. */
@Injectable()
export class LifecycleReports {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  async list({ stage, cursor, limit }: StageCustomersQuery): Promise<StageCustomersPageDto> {
    const rows = await findByStage(this.dataSource.manager, stage, { cursor, limit: limit + 1 });
    const items = rows.slice(0, limit);
    return { items, nextCursor: rows.length > limit ? (items.at(-1)?.customerId ?? null) : null };
  }

  /** @throws DomainError customer_not_found */
  async stageOf(stripeCustomerId: string, { at, knownAt }: StageQuery): Promise<StageDto> {
    const times = { at: at ?? new Date(), knownAt: knownAt ?? null };
    const stage = await findStage(this.dataSource.manager, stripeCustomerId, times);
    if (!stage) throw new DomainError('customer_not_found', `No customer ${stripeCustomerId}`);
    return stage;
  }

  /** @throws DomainError period_invalid */
  async flow({ from, to }: FlowQuery): Promise<FlowDto> {
    const asOf = new Date();
    const end = to ?? asOf;
    const start = from ?? new Date(end.getTime() - FLOW_MS);
    if (start >= end) throw new DomainError('period_invalid', 'to must be after from');
    const flows = await countFlow(this.dataSource.manager, start, end);
    return { definition: DEFINITION, asOf, from: start, to: end, flows };
  }
}
