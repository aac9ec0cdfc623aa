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
/** A low limit per day: requests by other people cannot use up the recipient's mail cap. */
const PER_ADDRESS = { perHour: 3, perDay: 10 };

/**
 * Accepts requests for a new link. A job looks the address up later, so neither the answer nor its response
 * time shows whether the address is a customer's.
 */
@Injectable()
export class LinkRequests {
  constructor(
    private readonly limiter: RateLimiter,
    private readonly writer: UnitOfWorkWriter,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  /**
   * Returns false if this client has made too many requests. An address with too many requests gets no mail,
   * and the answer does not show it.
   */
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
