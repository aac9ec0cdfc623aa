import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { type Repository } from 'typeorm';
import { MailSender } from '../../../notifications/email/mail-sender.service.js';
import { MonitoringSettings } from '../../monitoring.settings.js';
import { AlertChange } from '../alert-change.entity.js';
import { ALERTS } from '../declarations/alert-declarations.js';
import type { AlertNotice, AlertRoute } from './alert-route.js';
import { EmailRoute } from './email.route.js';
import { Installation } from './installation.js';
import { LogRoute } from './log.route.js';
import { WebhookRoute } from './webhook.route.js';

/** The timeout of one route. A notice that it accepts later is sent twice. */
const ROUTE_TIMEOUT_MS = 20_000;

type SentChange = Omit<AlertChange, 'routesLeft' | 'claimedUntil'>;

/** Sends notices by every configured route until each has accepted them. Needs no job and no queue. */
@Injectable()
export class AlertNotices {
  private readonly logger = new Logger('alerts');
  private readonly routes: readonly AlertRoute[];
  private readonly runbookUrl: string;
  private sending?: Promise<void>;

  constructor(
    { emailTo, webhookUrl, runbookUrl }: MonitoringSettings,
    private readonly installation: Installation,
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

  /** Sends the pending notices. A notice that a route does not accept is tried again for a day. */
  sendPending(): Promise<void> {
    this.sending ??= this.sendClaimed().finally(() => {
      this.sending = undefined;
    });
    return this.sending;
  }

  private async sendClaimed(): Promise<void> {
    const [claimed] = await this.changes.query<[{ id: string }[]]>(CLAIM_PENDING);
    for (const { id } of claimed) {
      const change = await this.changes.findOneByOrFail({ id });
      const routesLeft = await this.send(change, change.routesLeft);
      await this.changes.update({ id }, { routesLeft, claimedUntil: null });
    }
  }

  /** @returns the routes that did not accept it */
  async send(change: SentChange, routeNames: string[]): Promise<string[]> {
    const notice = this.toNotice(change);
    const routes = this.routes.filter(({ name }) => routeNames.includes(name));
    const results = await Promise.allSettled(routes.map((route) => inTime(route.send(notice))));
    return routes.flatMap(({ name }, index) => {
      const result = results[index];
      if (result?.status !== 'rejected') return [];
      this.logger.warn({ event: 'alert not sent', alert: change.name, route: name, error: result.reason });
      return [name];
    });
  }

  private toNotice({ id, name, change, detail, occurredAt }: SentChange): AlertNotice {
    const { severity, title, runbook } = ALERTS[name];
    return {
      id,
      name,
      change,
      severity,
      title,
      detail,
      occurredAt,
      runbookUrl: `${this.runbookUrl}#${runbook}`,
      installation: this.installation,
    };
  }
}

function inTime<T>(sending: Promise<T>): Promise<T> {
  const overdue = sleep(ROUTE_TIMEOUT_MS, undefined, { ref: false }).then(() => {
    throw new Error('Not accepted in time');
  });
  return Promise.race([sending, overdue]);
}

/** The claim lasts longer than the sending, so two processes do not send the same notice. */
const CLAIM_PENDING = `
  update alert_changes set claimed_until = now() + interval '3 minutes'
  where id in (
    select id from alert_changes
    where routes_left <> '{}' and occurred_at > now() - interval '1 day'
      and (claimed_until is null or claimed_until < now())
    order by id limit 5 for update skip locked
  )
  returning id`;
