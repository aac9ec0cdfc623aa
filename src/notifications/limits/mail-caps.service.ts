import { Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { Registry } from 'prom-client';
import { DataSource } from 'typeorm';
import { AppConfig, type MailCapSettings } from '../../platform/config/app-config.js';
import { counter } from '../../platform/metrics/metrics.js';
import { countWithin, recentCounts, subjectOf } from '../../platform/rate-limits/request-counts.queries.js';
import type { UnitOfWork } from '../../platform/unit-of-work/unit-of-work.js';
import { mailboxOf } from '../email/mailbox.js';
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

/** A mail that was let pass. */
interface Passed {
  /** What is counted of it. */
  readonly subjects: readonly string[];
  /** Resolves when it has been counted, or never will be. */
  readonly settled: Promise<void>;
  readonly settle: () => void;
  /** When, in milliseconds of this process's clock. */
  settledAt: number;
  /** For how long it had waited for others, in milliseconds. */
  readonly waitedMs: number;
}

/** For longer than counts are used. */
const REMEMBERED_MS = 2000;

/** Which cap holds a mail back, and until when. */
export interface CapReached {
  reason: 'recipient_cap' | 'domain_cap';
  until: Date;
}

/**
 * Keeps us from being used to flood somebody: how many mails a mailbox and a domain get. Counted is what has
 * left, in the transaction that records it, so a failed attempt costs nothing. Counts are read for many mails
 * together; what this process has let pass since then it adds by itself, and near a cap it waits for that to be
 * recorded and reads again. So only several workers together can exceed a cap: by the mails that the others are
 * sending at the same moment, and by what they let pass within the second that counts are used while less than
 * half of the cap is.
 */
@Injectable()
export class MailCaps {
  private readonly logger = new Logger('notifications');
  private readonly held;
  private readonly caps: MailCapSettings;
  private readonly exemptDomains: ReadonlySet<string>;
  /** Let pass lately, oldest first. By delivery, not notification: one that is sent again may meet its former one. */
  private readonly passed = new Map<Recipient, Passed>();
  /** The last turn of each domain that has one. */
  private readonly turns = new Map<string, Promise<void>>();

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
    const subjects = new Set(emails.flatMap((email) => this.countedOf(email)));
    return { readAt, rows: await recentCounts(this.dataSource.manager, [...subjects]) };
  }

  /**
   * Null when one mail more is within all caps: then `settle` is to be called with the same object once it has been recorded, or was
   * not sent. Else what holds it back longest; that is logged and counted.
   */
  async reachedBy(recipient: Recipient, counts: MailCounts, now: Date): Promise<CapReached | null> {
    const { id: notificationId, kind, email } = recipient;
    const known = [...counts.rows, ...this.passedSince(counts.readAt, this.countedOf(email), now)];
    const isNear = this.longest(email, known, now, halved(this.caps)) !== null;
    const since = performance.now();
    const reached = isNear
      ? await this.inTurn(email, () => this.letPassExactly(recipient, now, since))
      : null;
    if (!isNear) this.letPass(recipient, 0);
    if (!reached) return null;
    this.held.inc({ cap: reached.reason });
    this.logger.warn({ event: 'mail held back by a cap', notificationId, kind, ...reached });
    return reached;
  }

  /** For how long one that was let pass had waited for others, in milliseconds. */
  waitedMs(recipient: Recipient): number {
    return this.passed.get(recipient)?.waitedMs ?? 0;
  }

  /** A mail that was let pass is counted by now, or never will be. */
  settle(recipient: Recipient): void {
    const mail = this.passed.get(recipient);
    if (!mail) return;
    mail.settledAt = performance.now();
    mail.settle();
  }

  /** One after the other for each domain: what the one lets pass, the next one must know. */
  private async inTurn<T>(email: string, check: () => Promise<T>): Promise<T> {
    const domain = domainOf(email);
    const result = (this.turns.get(domain) ?? Promise.resolve()).then(check);
    const turn = result.then(
      () => undefined,
      () => undefined,
    );
    this.turns.set(domain, turn);
    await turn;
    if (this.turns.get(domain) === turn) this.turns.delete(domain);
    return result;
  }

  /** @param since when it began to wait, in milliseconds of this process's clock */
  private async letPassExactly(recipient: Recipient, now: Date, since: number): Promise<CapReached | null> {
    const { email } = recipient;
    const ours = this.countedOf(email);
    const others = [...this.passed.values()].filter(({ subjects }) => subjects.some((s) => ours.includes(s)));
    await Promise.all(others.map(({ settled }) => settled));
    const waitedMs = performance.now() - since;
    const { rows } = await this.countsOf([email]);
    const reached = this.longest(email, rows, now);
    if (!reached) this.letPass(recipient, waitedMs);
    return reached;
  }

  private letPass(recipient: Recipient, waitedMs: number): void {
    const old = performance.now() - REMEMBERED_MS;
    for (const [other, { settledAt }] of this.passed) {
      if (settledAt > old) break;
      this.passed.delete(other);
    }
    let settle = () => {};
    const settled = new Promise<void>((resolve) => {
      settle = resolve;
    });
    const subjects = this.countedOf(recipient.email);
    this.passed.set(recipient, { subjects, settled, settle, settledAt: Number.POSITIVE_INFINITY, waitedMs });
  }

  /** What the counts do not tell, or may not. */
  private passedSince(readAt: number, ours: readonly string[], now: Date): MailCounts['rows'] {
    const passed = [...this.passed.values()].filter(({ settledAt }) => settledAt >= readAt);
    const same = passed.flatMap(({ subjects }) => subjects.filter((subject) => ours.includes(subject)));
    return same.map((subject) => ({ subject, hour: now, count: 1 }));
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

  /** One mail more has left. */
  count({ email }: Recipient, unit: UnitOfWork): void {
    countWithin(unit, this.countedOf(email));
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

  private countedOf(email: string): string[] {
    return Object.values(this.subjectsOf(email)).filter(isCounted);
  }

  /** What is counted for an address; null where there is no cap. */
  private subjectsOf(email: string): { mailbox: string | null; domain: string | null } {
    const { perRecipientAndDay, perDomainAndHour, perDomainAndDay } = this.caps;
    const mailbox = mailboxOf(email);
    const domain = domainOf(email);
    const hasDomainCap = perDomainAndHour + perDomainAndDay > 0 && !this.exemptDomains.has(domain);
    return {
      mailbox: perRecipientAndDay > 0 ? subjectOf(`mail to ${mailbox}`) : null,
      domain: hasDomainCap ? subjectOf(`mail to domain ${domain}`) : null,
    };
  }
}

function domainOf(email: string): string {
  const mailbox = mailboxOf(email);
  return mailbox.slice(mailbox.lastIndexOf('@') + 1);
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
