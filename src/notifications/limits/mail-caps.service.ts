import { Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { Registry } from 'prom-client';
import { DataSource } from 'typeorm';
import { mailboxOf, mailDomainOf } from '../../platform/mail-address.js';
import { MailCapSettings } from '../notifications.settings.js';
import { counter } from '../../platform/metrics/metrics.js';
import { countWithin, recentCounts, subjectOf } from '../../platform/rate-limits/request-counts.queries.js';
import type { UnitOfWork } from '../../platform/unit-of-work/unit-of-work.js';
import { type HourCount, roomAt } from './mail-cap.js';
import { PUBLIC_MAIL_DOMAINS } from './public-mail-domains.js';

/** The fields of a delivery that the caps need. */
interface Recipient {
  id: string;
  kind: string;
  email: string;
}

/** The counts of some recipients at one moment. */
export interface MailCounts {
  /** When they were read, in milliseconds of this process's clock. */
  readonly readAt: number;
  readonly rows: readonly (HourCount & { subject: string })[];
}

/** A mail that the caps have allowed. */
interface Passed {
  /** The subjects that it counts for. */
  readonly subjects: readonly string[];
  /** Resolves when the mail has been counted, or when it was not sent. */
  readonly settled: Promise<void>;
  readonly settle: () => void;
  /** When it was settled, in milliseconds of this process's clock. */
  settledAt: number;
  /** How long it waited for other mails, in milliseconds. */
  readonly waitedMs: number;
}

/** Longer than counts are used. */
const REMEMBERED_MS = 2000;

/** The cap that holds a mail back, and until when. */
export interface CapReached {
  reason: 'recipient_cap' | 'domain_cap';
  until: Date;
}

/**
 * Limits how many mails a mailbox and a domain get, so that the service cannot be used to flood them. A mail
 * is counted in the transaction that records it as sent. A failed attempt does not count. Counts are read for
 * many mails together. This process adds the mails that it has allowed since then. Near a cap, it waits until
 * these mails are recorded and reads the counts again. Several workers together can exceed a cap. The excess
 * is at most the mails that the other workers are sending at that moment, and the mails that they allow
 * within one second while less than half of the cap is used.
 */
@Injectable()
export class MailCaps {
  private readonly logger = new Logger('notifications');
  private readonly held;
  private readonly exemptDomains: ReadonlySet<string>;
  /**
   * Mails allowed lately, oldest first. The key is the delivery, not the notification: one that is sent again
   * may be here twice.
   */
  private readonly passed = new Map<Recipient, Passed>();
  /** The last check in sequence of each domain that has one. */
  private readonly turns = new Map<string, Promise<void>>();

  constructor(
    private readonly caps: MailCapSettings,
    @InjectDataSource() private readonly dataSource: DataSource,
    registry: Registry,
  ) {
    this.exemptDomains = new Set([...PUBLIC_MAIL_DOMAINS, ...(caps.exemptDomains ?? [])]);
    this.held = counter(registry, 'mail_caps_reached_total');
  }

  /**
   * Reads the counts of recipients. Pass them to `reachedBy` within a second.
   * @param more other subjects to read with them
   */
  async countsOf(emails: readonly string[], more: readonly string[] = []): Promise<MailCounts> {
    const readAt = performance.now();
    const subjects = new Set([...emails.flatMap((email) => this.countedOf(email)), ...more]);
    return { readAt, rows: await recentCounts(this.dataSource.manager, [...subjects]) };
  }

  /**
   * Null if one more mail is within all caps. Then the caller calls `settle` with the same object when the
   * mail has been recorded or was not sent. Otherwise the cap that holds the mail back longest, which is
   * logged and counted.
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

  /** How long an allowed mail waited for other mails, in milliseconds. */
  waitedMs(recipient: Recipient): number {
    return this.passed.get(recipient)?.waitedMs ?? 0;
  }

  /** Reports that an allowed mail has been counted or was not sent. */
  settle(recipient: Recipient): void {
    const mail = this.passed.get(recipient);
    if (!mail) return;
    mail.settledAt = performance.now();
    mail.settle();
  }

  /**
   * Runs the checks of one domain one after the other, so that each check sees the mails that were allowed
   * before it.
   */
  private async inTurn<T>(email: string, check: () => Promise<T>): Promise<T> {
    const domain = mailDomainOf(email);
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

  /** Mails that this process allowed and that the counts may not include. */
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

  /** Counts one more sent mail. */
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

  /** The subjects that are counted for an address. Null where there is no cap. */
  private subjectsOf(email: string): { mailbox: string | null; domain: string | null } {
    const { perRecipientAndDay, perDomainAndHour, perDomainAndDay } = this.caps;
    const mailbox = mailboxOf(email);
    const domain = mailDomainOf(email);
    const hasDomainCap = perDomainAndHour + perDomainAndDay > 0 && !this.exemptDomains.has(domain);
    return {
      mailbox: perRecipientAndDay > 0 ? subjectOf(`mail to ${mailbox}`) : null,
      domain: hasDomainCap ? subjectOf(`mail to domain ${domain}`) : null,
    };
  }
}

/** A cap of 0 means no cap and stays 0. */
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
