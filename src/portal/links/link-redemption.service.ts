import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { inTransaction } from '../../platform/database/transaction.js';
import { PortalVisits } from '../access/portal-visits.service.js';
import { PortalSessions, PortalUnavailable } from '../sessions/portal-sessions.service.js';
import { type ClaimedLink, type LinkState, PortalLinks } from './portal-links.service.js';

/** Where a redeemed link leads, or why it leads nowhere; and what its customer reads. */
export type Redemption = { locales: string[] } & (
  { url: string; because: null } | { url: null; because: Exclude<LinkState, 'open'> | 'unavailable' }
);

/**
 * Redeems links: exactly one of those who come with the same one is let in. The link is claimed first, Stripe is
 * asked outside of any transaction, and only with Stripe's answer is the link used up, if there still is somebody
 * to be led on: who clicks twice has hung up on the first answer. Whoever is killed in between leaves a link that
 * works again once the claim has run out.
 */
@Injectable()
export class LinkRedemption {
  constructor(
    private readonly links: PortalLinks,
    private readonly sessions: PortalSessions,
    private readonly visits: PortalVisits,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  /** @param hasLeft whether who asked has hung up */
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
    const letIn = await inTransaction(
      this.dataSource,
      async (manager) =>
        (await this.links.use(manager, link)) && (await this.visits.record(manager, link, 'link')),
    );
    return letIn ? { url, because: null, locales } : this.refuse(token);
  }

  /** Null, and the link is as before, when Stripe does not answer as it should. */
  private async openSession(link: ClaimedLink): Promise<string | null> {
    try {
      return await this.sessions.open(link);
    } catch (error) {
      await this.links.release(link);
      if (error instanceof PortalUnavailable) return null;
      throw error;
    }
  }

  /** A link given back since is a busy one: whoever comes again can have it. */
  private async refuse(token: string): Promise<Redemption> {
    const { state, locales } = await this.links.find(token);
    return { url: null, because: state === 'open' ? 'busy' : state, locales };
  }
}
