import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { type Repository } from 'typeorm';
import { MailSender } from '../../../notifications/email/mail-sender.service.js';
import { AppConfig } from '../../../platform/config/app-config.js';
import { AlertChange } from '../alert-change.entity.js';
import { ALERT_RULES } from '../alert-rules.js';
import type { AlertNotice, AlertRoute } from './alert-route.js';
import { EmailRoute } from './email.route.js';
import { LogRoute } from './log.route.js';
import { WebhookRoute } from './webhook.route.js';

/** Of one route; what it takes later is told twice. */
const ROUTE_TIMEOUT_MS = 20_000;

type ToldChange = Omit<AlertChange, 'routesLeft' | 'claimedUntil'>;

/** Tells people, by every route that is configured, until each has taken it. Needs no job and no queue. */
@Injectable()
export class AlertNotices {
  private readonly logger = new Logger('alerts');
  private readonly routes: readonly AlertRoute[];
  private readonly runbookUrl: string;
  private telling?: Promise<void>;

  constructor(
    { alerts: { emailTo, webhookUrl, runbookUrl } }: AppConfig,
    sender: MailSender,
    @InjectRepository(AlertChange) private readonly changes: Repository<AlertChange>,
  ) {
    this.runbookUrl = runbookUrl;
    this.routes = [
      new LogRoute(),
      ...(emailTo ? [new EmailRoute(sender, emailTo)] : []),
      ...(webhookUrl ? [new WebhookRoute(webhookUrl)] : []),
    ];
  }

  get routeNames(): string[] {
    return this.routes.map(({ name }) => name);
  }

  /** Tells what has not been told; what a route does not take stays for the next time, for a day. */
  tellUntold(): Promise<void> {
    this.telling ??= this.tellClaimed().finally(() => {
      this.telling = undefined;
    });
    return this.telling;
  }

  private async tellClaimed(): Promise<void> {
    const [untold] = await this.changes.query<[{ id: string }[]]>(CLAIM_UNTOLD);
    for (const { id } of untold) {
      const change = await this.changes.findOneByOrFail({ id });
      const routesLeft = await this.tell(change, change.routesLeft);
      await this.changes.update({ id }, { routesLeft, claimedUntil: null });
    }
  }

  /** @returns the routes that did not take it */
  async tell(change: ToldChange, routeNames: string[]): Promise<string[]> {
    const notice = this.toNotice(change);
    const routes = this.routes.filter(({ name }) => routeNames.includes(name));
    const results = await Promise.allSettled(routes.map((route) => inTime(route.tell(notice))));
    return routes.flatMap(({ name }, index) => {
      const result = results[index];
      if (result?.status !== 'rejected') return [];
      this.logger.warn({ event: 'alert not told', alert: change.name, route: name, error: result.reason });
      return [name];
    });
  }

  private toNotice({ id, name, change, detail, occurredAt }: ToldChange): AlertNotice {
    const { severity, title, runbook } = ALERT_RULES[name];
    return {
      id,
      name,
      change,
      severity,
      title,
      detail,
      occurredAt,
      runbookUrl: `${this.runbookUrl}#${runbook}`,
    };
  }
}

function inTime<T>(telling: Promise<T>): Promise<T> {
  const overdue = sleep(ROUTE_TIMEOUT_MS, undefined, { ref: false }).then(() => {
    throw new Error('Not taken in time');
  });
  return Promise.race([telling, overdue]);
}

/** Claimed for longer than telling it takes: two processes do not tell the same. */
const CLAIM_UNTOLD = `
  update alert_changes set claimed_until = now() + interval '3 minutes'
  where id in (
    select id from alert_changes
    where routes_left <> '{}' and occurred_at > now() - interval '1 day'
      and (claimed_until is null or claimed_until < now())
    order by id limit 5 for update skip locked
  )
  returning id`;
