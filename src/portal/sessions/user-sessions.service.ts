import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { HttpSettings } from '../../platform/http/http.settings.js';
import { inTransaction } from '../../platform/database/transaction.js';
import { DomainError } from '../../platform/http/domain-error.js';
import { PortalVisits } from '../access/portal-visits.service.js';
import type { PortalAccessStatus } from '../portal-access.entity.js';
import { type PortalCustomer, PortalSessions, PortalUnavailable } from './portal-sessions.service.js';
import type { OpenPortalSessionDto } from './user-session.dto.js';

/** A customer of the user. */
interface UsersCustomer extends PortalCustomer {
  customerId: string;
  status: PortalAccessStatus;
}

/** Opens the portal for users who are logged in to MINGUS. */
@Injectable()
export class UserSessions {
  constructor(
    private readonly http: HttpSettings,
    private readonly sessions: PortalSessions,
    private readonly visits: PortalVisits,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  /**
   * Returns the URL of a new session.
   * @throws DomainError return_url_not_allowed, customer_not_found (also for unknown users),
   * portal_access_not_active, portal_unavailable
   */
  async open(userId: string, { returnUrl, stripeCustomerId }: OpenPortalSessionDto): Promise<string> {
    const wayBack = returnUrl === undefined ? undefined : this.checkedUrl(returnUrl);
    const wanted = [userId, stripeCustomerId ?? null];
    const [customer] = await this.dataSource.query<UsersCustomer[]>(CUSTOMER, wanted);
    if (!customer) throw new DomainError('customer_not_found', 'No such customer of this user');
    if (customer.status !== 'active') throw notActive();
    const url = await this.openSession(customer, wayBack);
    const isRecorded = await inTransaction(this.dataSource, (manager) =>
      this.visits.record(manager, customer, 'service_api'),
    );
    if (!isRecorded) throw notActive();
    return url;
  }

  /**
   * Accepts pages of MINGUS only, so that the portal cannot lead to another site.
   * @returns the normalised URL
   */
  private checkedUrl(returnUrl: string): string {
    const url = URL.canParse(returnUrl) ? new URL(returnUrl) : null;
    const { origin } = new URL(this.http.appUrl);
    if (url?.href.startsWith(`${origin}/`)) return url.href;
    throw new DomainError('return_url_not_allowed', 'returnUrl must be a page of MINGUS (APP_URL)');
  }

  private async openSession(customer: UsersCustomer, returnUrl?: string): Promise<string> {
    try {
      return await this.sessions.open(customer, returnUrl);
    } catch (error) {
      if (!(error instanceof PortalUnavailable)) throw error;
      throw new DomainError('portal_unavailable', 'The billing portal does not answer; try again');
    }
  }
}

function notActive(): DomainError {
  return new DomainError('portal_access_not_active', 'The access to the portal is suspended or revoked');
}

/** `$1` user, `$2` Stripe's id of the customer or null. Customers with access come first, then the oldest. */
const CUSTOMER = `
  select c.id as "customerId", c.stripe_customer_id as "stripeCustomerId", c.livemode, c.account,
    preferences.locale, access.permissions, access.status
  from customers c
  join portal_accesses access on access.customer_id = c.id
  join customer_preferences preferences on preferences.customer_id = c.id
  where c.user_id = $1 and c.deleted_at is null and ($2::text is null or c.stripe_customer_id = $2)
  order by access.status = 'active' desc, c.id
  limit 1`;
