import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { inTransaction } from '../../platform/database/transaction.js';
import { normaliseAddress } from '../../platform/mail-address.js';
import { clientNetworkOf } from '../../platform/rate-limits/client-network.js';
import { RateLimiter } from '../../platform/rate-limits/rate-limiter.service.js';
import { UnitOfWork } from '../../platform/unit-of-work/unit-of-work.js';
import { UnitOfWorkWriter } from '../../platform/unit-of-work/unit-of-work-writer.service.js';

const PER_NETWORK = { perHour: 20 };
/** So few a day that who asks for somebody else leaves room below the cap of mails to a recipient. */
const PER_ADDRESS = { perHour: 3, perDay: 10 };

/**
 * Takes requests for a new link. Whether the address is a customer's is found out by a job, so neither the answer
 * nor the time it takes tells.
 */
@Injectable()
export class LinkRequests {
  constructor(
    private readonly limiter: RateLimiter,
    private readonly writer: UnitOfWorkWriter,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  /** False when this client has asked too often. An address asked for too often gets no mail, and nobody is told. */
  async accept(email: string, ip: string): Promise<boolean> {
    const address = normaliseAddress(email);
    if (!(await this.limiter.allows(`portal link to network ${clientNetworkOf(ip)}`, PER_NETWORK))) {
      return false;
    }
    if (await this.limiter.allows(`portal link to address ${address}`, PER_ADDRESS)) {
      const unit = new UnitOfWork();
      const digest = createHash('sha256').update(address).digest('base64url');
      unit.enqueue('send-portal-link', { email }, { key: `portal-link:${digest}` });
      await inTransaction(this.dataSource, (manager) => this.writer.write(manager, [unit]));
    }
    return true;
  }
}
