import { Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { Registry } from 'prom-client';
import { DataSource } from 'typeorm';
import { AppConfig, type MailCapSettings } from '../../platform/config/app-config.js';
import { counter } from '../../platform/metrics/metrics.js';
import { countWithin, recentCounts, subjectOf } from '../../platform/rate-limits/request-counts.queries.js';
import type { UnitOfWork } from '../../platform/unit-of-work/unit-of-work.js';
import { mailboxOf } from '../email/mail-address.js';
import { type HourCount, roomAt } from './mail-cap.js';
import { PUBLIC_MAIL_DOMAINS } from './public-mail-domains.js';

/** What of a delivery the caps look at. */
interface Recipient {
  id: string;
  kind: string;
  email: string;
}

/** Which cap holds a mail back, and until when. */
export interface CapReached {
  reason: 'recipient_cap' | 'domain_cap';
  until: Date;
}

/**
 * Keeps us from being used to flood somebody: how many mails a mailbox and a domain get. Counted is what has
 * left, in the transaction that records it; so several workers together can exceed a cap by the mails they
 * are sending at the same moment (processes × SMTP_MAX_CONNECTIONS), and a failed attempt costs nothing.
 */
@Injectable()
export class MailCaps {
  private readonly logger = new Logger('notifications');
  private readonly held;
  private readonly caps: MailCapSettings;
  private readonly exemptDomains: ReadonlySet<string>;

  constructor(
    { mail }: AppConfig,
    @InjectDataSource() private readonly dataSource: DataSource,
    registry: Registry,
  ) {
    this.caps = mail.caps;
    this.exemptDomains = new Set([...PUBLIC_MAIL_DOMAINS, ...mail.caps.exemptDomains]);
    this.held = counter(registry, 'mail_caps_reached_total');
  }

  /** Null when one mail more is within all caps; else what holds it back longest. That is logged and counted. */
  async reachedBy({ id: notificationId, kind, email }: Recipient, now: Date): Promise<CapReached | null> {
    const { mailbox, domain } = this.subjectsOf(email);
    const counts = await recentCounts(this.dataSource.manager, [mailbox, domain].filter(isCounted));
    const countsOf = (subject: string | null) => counts.filter((row) => row.subject === subject);
    const reached = [
      this.room('recipient_cap', countsOf(mailbox), this.caps.perRecipientAndDay, 24, now),
      this.room('domain_cap', countsOf(domain), this.caps.perDomainAndHour, 1, now),
      this.room('domain_cap', countsOf(domain), this.caps.perDomainAndDay, 24, now),
    ].filter((cap) => cap !== null);
    const [longest] = reached.toSorted((a, b) => b.until.getTime() - a.until.getTime());
    if (!longest) return null;
    this.held.inc({ cap: longest.reason });
    this.logger.warn({ event: 'mail held back by a cap', notificationId, kind, ...longest });
    return longest;
  }

  /** One mail more has left. */
  count({ email }: Recipient, unit: UnitOfWork): void {
    const { mailbox, domain } = this.subjectsOf(email);
    countWithin(unit, [mailbox, domain].filter(isCounted));
  }

  private room(
    reason: CapReached['reason'],
    counts: readonly HourCount[],
    cap: number,
    hours: number,
    now: Date,
  ): CapReached | null {
    const until = roomAt(counts, { cap, hours }, now);
    return until && { reason, until };
  }

  /** What is counted for an address; null where there is no cap. */
  private subjectsOf(email: string): { mailbox: string | null; domain: string | null } {
    const { perRecipientAndDay, perDomainAndHour, perDomainAndDay } = this.caps;
    const mailbox = mailboxOf(email);
    const domain = mailbox.slice(mailbox.lastIndexOf('@') + 1);
    const hasDomainCap = perDomainAndHour + perDomainAndDay > 0 && !this.exemptDomains.has(domain);
    return {
      mailbox: perRecipientAndDay > 0 ? subjectOf(`mail to ${mailbox}`) : null,
      domain: hasDomainCap ? subjectOf(`mail to domain ${domain}`) : null,
    };
  }
}

function isCounted(subject: string | null): subject is string {
  return subject !== null;
}
