import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import { HttpSettings } from '../../platform/http/http.settings.js';
import { PortalSettings } from '../portal.settings.js';
import { uuidv7 } from '../../platform/database/uuid.js';
import {
  type LinkedMessage,
  MakesMessageLink,
  type MessageLinkMaker,
} from '../../platform/message-links/message-link.js';
import type { PortalCustomer } from '../sessions/portal-sessions.service.js';
import { hashOfToken, newToken } from './portal-link-token.js';
import { CLAIM_LINK, INSERT_LINK, LINK_STATE, RELEASE_LINK, USE_LINK } from './portal-links.queries.js';

/** `closed`: the customer has no active access. `busy`: another request is redeeming the link. */
export type LinkState = 'open' | 'busy' | 'used' | 'expired' | 'closed';

/** A link that a request is redeeming. */
export interface ClaimedLink extends PortalCustomer {
  id: string;
  customerId: string;
  /** The customer's locales, best first. */
  locales: string[];
  /** Distinguishes this claim from a later one. */
  claim: string;
}

interface FoundLink {
  state: LinkState;
  locales: string[];
}

/**
 * The messages that contain a link with a token. Other messages contain the address of the page that mails
 * such a link.
 */
const CARRIERS = new Set(['portal_access', 'portal_link']);

/** Links that open the portal once. A customer can have several. Each attempt to mail a link makes a new one. */
@Injectable()
@MakesMessageLink('portalUrl')
export class PortalLinks implements MessageLinkMaker {
  constructor(
    private readonly settings: PortalSettings,
    private readonly http: HttpSettings,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  async linkFor({ customerId, kind, channel, email }: LinkedMessage): Promise<string> {
    const portalUrl = `${this.http.publicUrl}/portal`;
    // Other channels store what they deliver, and a token must not be stored.
    if (!CARRIERS.has(kind) || channel !== 'email') return portalUrl;
    const token = newToken();
    const { linkTtlHours } = this.settings;
    const link = [customerId, uuidv7(), hashOfToken(token), kind, linkTtlHours, email];
    const made: unknown[] = await this.dataSource.query(INSERT_LINK, link);
    return made.length > 0 ? `${portalUrl}/links/${token}` : portalUrl;
  }

  /** Finds the state of a link and its customer's locales. Changes nothing. An unknown link counts as expired. */
  async find(token: string): Promise<FoundLink> {
    const hash = hashOfToken(token);
    const [row] = hash ? await this.dataSource.query<FoundLink[]>(LINK_STATE, [hash]) : [];
    return row ?? { state: 'expired', locales: [] };
  }

  /** Claims an open link for a minute. Returns null if the link is not open. */
  async claim(token: string): Promise<ClaimedLink | null> {
    const hash = hashOfToken(token);
    if (!hash) return null;
    const [rows] = await this.dataSource.query<[ClaimedLink[], number]>(CLAIM_LINK, [hash]);
    return rows[0] ?? null;
  }

  /** Gives up a claim: the link is open again. */
  async release({ id, claim }: ClaimedLink): Promise<void> {
    await this.dataSource.query(RELEASE_LINK, [id, claim]);
  }

  /** Marks a link as used. Returns false if another request has claimed or used it. */
  async use(manager: EntityManager, { id, claim }: ClaimedLink): Promise<boolean> {
    const [rows] = await manager.query<[unknown[], number]>(USE_LINK, [id, claim]);
    return rows.length > 0;
  }
}
