import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import { AppConfig } from '../../platform/config/app-config.js';
import { uuidv7 } from '../../platform/database/uuid.js';
import {
  type LinkedMessage,
  MakesMessageLink,
  type MessageLinkMaker,
} from '../../platform/message-links/message-link.js';
import type { PortalCustomer } from '../sessions/portal-sessions.service.js';
import { hashOfToken, newToken } from './portal-link-token.js';
import { CLAIM_LINK, INSERT_LINK, LINK_STATE, RELEASE_LINK, USE_LINK } from './portal-links.queries.js';

/** `closed`: the customer may not enter. `busy`: somebody is being let in with it at this moment. */
export type LinkState = 'open' | 'busy' | 'used' | 'expired' | 'closed';

/** A link that somebody is redeeming. */
export interface ClaimedLink extends PortalCustomer {
  id: string;
  customerId: string;
  /** What the customer reads, best first. */
  locales: string[];
  /** Tells this claim from a later one. */
  claim: string;
}

interface FoundLink {
  state: LinkState;
  locales: string[];
}

/** The messages that lead into the portal at once. Others only name the page that mails such a link. */
const CARRIERS = new Set(['portal_access', 'portal_link']);

/** Links that open the portal once. A customer can have several; each attempt to mail one makes its own. */
@Injectable()
@MakesMessageLink('portalUrl')
export class PortalLinks implements MessageLinkMaker {
  constructor(
    private readonly config: AppConfig,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  async linkFor({ customerId, kind, channel, email }: LinkedMessage): Promise<string> {
    const portalUrl = `${this.config.http.publicUrl}/portal`;
    // Other channels store what they deliver, and no token is stored.
    if (!CARRIERS.has(kind) || channel !== 'email') return portalUrl;
    const token = newToken();
    const { linkTtlHours } = this.config.portal;
    const link = [customerId, uuidv7(), hashOfToken(token), kind, linkTtlHours, email];
    const made: unknown[] = await this.dataSource.query(INSERT_LINK, link);
    return made.length > 0 ? `${portalUrl}/links/${token}` : portalUrl;
  }

  /** What has become of a link, and what its customer reads; changes nothing. Unknown links are expired ones. */
  async find(token: string): Promise<FoundLink> {
    const hash = hashOfToken(token);
    const [row] = hash ? await this.dataSource.query<FoundLink[]>(LINK_STATE, [hash]) : [];
    return row ?? { state: 'expired', locales: [] };
  }

  /** Takes an open link for a minute; null where there is none to take. */
  async claim(token: string): Promise<ClaimedLink | null> {
    const hash = hashOfToken(token);
    if (!hash) return null;
    const [rows] = await this.dataSource.query<[ClaimedLink[], number]>(CLAIM_LINK, [hash]);
    return rows[0] ?? null;
  }

  /** Gives it back: it is as if nobody had come. */
  async release({ id, claim }: ClaimedLink): Promise<void> {
    await this.dataSource.query(RELEASE_LINK, [id, claim]);
  }

  /** Uses it up, for ever; false when somebody else has. */
  async use(manager: EntityManager, { id, claim }: ClaimedLink): Promise<boolean> {
    const [rows] = await manager.query<[unknown[], number]>(USE_LINK, [id, claim]);
    return rows.length > 0;
  }
}
