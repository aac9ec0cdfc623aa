import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import type { JobPayloads } from '../../events/job-tasks.js';
import { PortalLinkRequested } from '../../events/portal/portal-link-requested.event.js';
import { spellingsOf } from '../../platform/mail-address.js';
import { inTransaction } from '../../platform/database/transaction.js';
import { JobHandler, type JobRun } from '../../platform/jobs/job-handler.js';
import { UnitOfWork } from '../../platform/unit-of-work/unit-of-work.js';
import { UnitOfWorkWriter } from '../../platform/unit-of-work/unit-of-work-writer.service.js';
import { Facts } from '../../platform/facts/facts.service.js';

/**
 * Queues a link for each customer with active access and this address. A job that is killed at its end may
 * queue the links twice.
 */
@Injectable()
@JobHandler('send-portal-link')
export class SendPortalLinkJob implements JobRun<'send-portal-link'> {
  constructor(
    private readonly facts: Facts,
    private readonly writer: UnitOfWorkWriter,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  async run(payloads: readonly JobPayloads['send-portal-link'][]): Promise<void> {
    for (const { email } of payloads) await this.sendTo(email);
  }

  private async sendTo(email: string): Promise<void> {
    const customers = await this.dataSource.query<{ customerId: string; userId: string }[]>(CUSTOMERS, [
      spellingsOf(email),
    ]);
    if (customers.length === 0) return;
    const unit = new UnitOfWork();
    for (const { customerId, userId } of customers) {
      const fact = new PortalLinkRequested(customerId, userId);
      this.facts.emit(fact, unit);
    }
    await inTransaction(this.dataSource, (manager) => this.writer.write(manager, [unit]));
  }
}

/** The newest three: a person with several customers may need any of them. */
const CUSTOMERS = `
  select c.id as "customerId", c.user_id as "userId"
  from customers c
  join portal_accesses access on access.customer_id = c.id
  where lower(c.email collate "C") = any($1::text[]) and c.deleted_at is null and c.user_id is not null and access.status = 'active'
  order by c.id desc
  limit 3`;
