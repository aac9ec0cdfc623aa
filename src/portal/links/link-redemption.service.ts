import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { inTransaction } from '../../platform/database/transaction.js';
import { PortalVisits } from '../access/portal-visits.service.js';
import { PortalSessions, PortalUnavailable } from '../sessions/portal-sessions.service.js';
import { type ClaimedLink, type LinkState, PortalLinks } from './portal-links.service.js';

/** The URL that a redeemed link leads to, or why there is none, and the locales of its customer. */
export type Redemption = { locales: string[] } & (
  { url: string; because: null } | { url: null; because: Exclude<LinkState, 'open'> | 'unavailable' }
);

/**
 * Redeems links. If several requests redeem the same link at once, exactly one of them succeeds. The link is
 * claimed first. Stripe is called outside of any transaction. The link is marked as used only after Stripe
 * has answered and if the client is still connected: after a double click, the browser has closed the first
 * connection. If the process is killed in between, the link works again once the claim has expired.
 */
@Injectable()
export class LinkRedemption {
  constructor(
    private readonly links: PortalLinks,
    private readonly sessions: PortalSessions,
    private readonly visits: PortalVisits,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  /** @param hasLeft whether the client has closed the connection */
  async redeem(token: string, hasLeft: () => boolean): Promise<Redemption> {
    const link = await this.links.claim(token);
    if (!link) return this.refuse(token);
    const { locales } = link;
    const url = await this.openSession(link);
    if (!url) return { url: null, because: 'unavailable', locales };
    if (hasLeft()) {
      await this.links.release(link);
      return { url: null, because: 'busy', locales };
    }
    const isUsed = await inTransaction(
      this.dataSource,
      async (manager) =>
        (await this.links.use(manager, link)) && (await this.visits.record(manager, link, 'link')),
    );
    return isUsed ? { url, because: null, locales } : this.refuse(token);
  }

  /** Returns null and releases the link if Stripe does not open a session. */
  private async openSession(link: ClaimedLink): Promise<string | null> {
    try {
      return await this.sessions.open(link);
    } catch (error) {
      await this.links.release(link);
      if (error instanceof PortalUnavailable) return null;
      throw error;
    }
  }

  /** A link that was released since then is reported as busy: the customer can try again. */
  private async refuse(token: string): Promise<Redemption> {
    const { state, locales } = await this.links.find(token);
    return { url: null, because: state === 'open' ? 'busy' : state, locales };
  }
}
