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

/** What had been counted of some recipients at a moment. */
export interface MailCounts {
  /** In milliseconds of this process's clock. */
  readonly readAt: number;
  readonly rows: readonly (HourCount & { subject: string })[];
}

/** For longer than counts are used. */
const RESERVATION_MS = 10_000;

/** Which cap holds a mail back, and until when. */
export interface CapReached {
  reason: 'recipient_cap' | 'domain_cap';
  until: Date;
}

/**
 * Keeps us from being used to flood somebody: how many mails a mailbox and a domain get. Counted is what has
 * left, in the transaction that records it, so a failed attempt costs nothing. Counts are read for many mails
 * together; what this process has let pass since then it adds by itself. Several workers together can exceed a
 * cap by the mails they are sending at the same moment, and by what the others let pass within the second that
 * counts are used while less than half of the cap is.
 */
@Injectable()
export class MailCaps {
  private readonly logger = new Logger('notifications');
  private readonly held;
  private readonly caps: MailCapSettings;
  private readonly exemptDomains: ReadonlySet<string>;
  /** Let pass lately, oldest first. */
  private reservations: { subject: string; at: number }[] = [];

  constructor(
    { mail }: AppConfig,
    @InjectDataSource() private readonly dataSource: DataSource,
    registry: Registry,
  ) {
    this.caps = mail.caps;
    this.exemptDomains = new Set([...PUBLIC_MAIL_DOMAINS, ...mail.caps.exemptDomains]);
    this.held = counter(registry, 'mail_caps_reached_total');
  }

  /** What has been counted of recipients, to be given to `reachedBy` within a second. */
  async countsOf(emails: readonly string[]): Promise<MailCounts> {
    const readAt = performance.now();
    const subjects = new Set(emails.flatMap((email) => Object.values(this.subjectsOf(email))));
    return { readAt, rows: await recentCounts(this.dataSource.manager, [...subjects].filter(isCounted)) };
  }

  /** Null when one mail more is within all caps; else what holds it back longest. That is logged and counted. */
  async reachedBy(recipient: Recipient, counts: MailCounts, now: Date): Promise<CapReached | null> {
    const { id: notificationId, kind, email } = recipient;
    const known = [...counts.rows, ...this.reservedSince(counts, now)];
    const isNear = this.longest(email, known, now, halved(this.caps)) !== null;
    const reached = isNear ? this.longest(email, (await this.countsOf([email])).rows, now) : null;
    if (!reached) {
      this.reserve(email);
      return null;
    }
    this.held.inc({ cap: reached.reason });
    this.logger.warn({ event: 'mail held back by a cap', notificationId, kind, ...reached });
    return reached;
  }

  private longest(email: string, counts: MailCounts['rows'], now: Date, caps = this.caps): CapReached | null {
    const { mailbox, domain } = this.subjectsOf(email);
    const countsOf = (subject: string | null) => counts.filter((row) => row.subject === subject);
    const reached = [
      this.room('recipient_cap', countsOf(mailbox), caps.perRecipientAndDay, 24, now),
      this.room('domain_cap', countsOf(domain), caps.perDomainAndHour, 1, now),
      this.room('domain_cap', countsOf(domain), caps.perDomainAndDay, 24, now),
    ].filter((cap) => cap !== null);
    return reached.toSorted((a, b) => b.until.getTime() - a.until.getTime())[0] ?? null;
  }

  private reserve(email: string): void {
    const at = performance.now();
    const first = this.reservations.findIndex((reservation) => at - reservation.at < RESERVATION_MS);
    this.reservations.splice(0, first === -1 ? this.reservations.length : first);
    const subjects = Object.values(this.subjectsOf(email)).filter(isCounted);
    this.reservations.push(...subjects.map((subject) => ({ subject, at })));
  }

  private reservedSince({ readAt }: MailCounts, now: Date): MailCounts['rows'] {
    const since = this.reservations.filter(({ at }) => at >= readAt);
    return since.map(({ subject }) => ({ subject, hour: now, count: 1 }));
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

/** A cap of 0 is none, and stays so. */
function halved(caps: MailCapSettings): MailCapSettings {
  const { perRecipientAndDay, perDomainAndHour, perDomainAndDay } = caps;
  return {
    ...caps,
    perRecipientAndDay: Math.ceil(perRecipientAndDay / 2),
    perDomainAndHour: Math.ceil(perDomainAndHour / 2),
    perDomainAndDay: Math.ceil(perDomainAndDay / 2),
  };
}

function isCounted(subject: string | null): subject is string {
  return subject !== null;
}
