import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import { AlertOperated } from '../../../events/monitoring/alert-operated.event.js';
import { currentCause } from '../../../platform/cause.js';
import { ALERT_NAMES, type AlertName } from '../declarations/alert-declarations.js';
import { Clock } from '../../../platform/clock.js';
import { MonitoringSettings } from '../../monitoring.settings.js';
import { inTransaction } from '../../../platform/database/transaction.js';
import { DomainError } from '../../../platform/http/domain-error.js';
import { findPage, type Page } from '../../../platform/http/page.dto.js';
import { AlertChange } from '../alert-change.entity.js';
import type { AlertChangesQuery, AlertDto, SilenceAlertDto } from './alert.dto.js';
import { Alert } from '../alert.entity.js';
import { ALERTS } from '../declarations/alert-declarations.js';
import { newAlert } from '../evaluation/alert-step.js';
import { isStale } from '../evaluation/evaluation-rounds.js';
import { Facts } from '../../../platform/facts/facts.service.js';

/** Shows alerts to operators, and acknowledges and silences them. Each act is audited. */
@Injectable()
export class AlertsService {
  constructor(
    private readonly settings: MonitoringSettings,
    private readonly clock: Clock,
    private readonly facts: Facts,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  async list(): Promise<AlertDto[]> {
    const alerts = new Map((await this.dataSource.manager.find(Alert)).map((alert) => [alert.name, alert]));
    return ALERT_NAMES.map((name) => this.toDto(name, alerts.get(name)));
  }

  listChanges(query: AlertChangesQuery): Promise<Page<AlertChange>> {
    const { name } = query;
    return findPage(this.dataSource.getRepository(AlertChange), query, name ? { name } : {}, [
      'claimedUntil',
    ]);
  }

  /**
   * Stops the reminders until the alert fires again.
   * @throws DomainError alert_not_found, alert_not_firing
   */
  acknowledge(name: string): Promise<AlertDto> {
    return this.change(name, 'acknowledged', {}, (alert) => {
      if (alert.state !== 'firing') throw new DomainError('alert_not_firing', `${name} does not fire`);
      return { acknowledgedBy: currentCause().caller?.name ?? 'unknown' };
    });
  }

  /** @throws DomainError alert_not_found */
  silence(name: string, { until, reason }: SilenceAlertDto): Promise<AlertDto> {
    return this.change(name, 'silenced', { until: until.toISOString(), reason }, () => ({
      silencedUntil: until,
      silenceReason: reason,
    }));
  }

  /** @throws DomainError alert_not_found */
  unsilence(name: string): Promise<AlertDto> {
    return this.change(name, 'unsilenced', {}, () => ({ silencedUntil: null, silenceReason: null }));
  }

  private change(
    name: string,
    act: AlertOperated['act'],
    details: AlertOperated['details'],
    changesOf: (alert: Alert) => Partial<Alert>,
  ): Promise<AlertDto> {
    return inTransaction(this.dataSource, async (manager) => {
      const known = ALERT_NAMES.find((other) => other === name);
      if (!known) throw new DomainError('alert_not_found', `No alert ${name}`);
      const alert = await lockAlert(manager, known);
      const changes = changesOf(alert);
      await manager.update(Alert, { name: alert.name }, changes);
      await this.facts.record(manager, new AlertOperated(alert.name, act, details));
      return this.toDto(alert.name, { ...alert, ...changes });
    });
  }

  private toDto(name: AlertName, alert: Alert | undefined): AlertDto {
    const { thresholds, runbookUrl } = this.settings;
    const { severity, title, runbook } = ALERTS[name];
    const now = this.clock.now();
    const evaluatedAt = alert?.evaluatedAt ?? null;
    return {
      name,
      title,
      severity,
      ...thresholds[name],
      state: alert?.state ?? 'inactive',
      since: alert?.since ?? null,
      value: alert?.value ?? 0,
      detail: alert?.detail ?? '',
      evaluatedAt,
      evaluatedSecondsAgo: evaluatedAt && Math.round((now.getTime() - evaluatedAt.getTime()) / 1000),
      isStale: evaluatedAt === null || isStale(evaluatedAt, now),
      acknowledgedBy: alert?.acknowledgedBy ?? null,
      silencedUntil: alert?.silencedUntil ?? null,
      silenceReason: alert?.silenceReason ?? null,
      runbookUrl: `${runbookUrl}#${runbook}`,
    };
  }
}

/** The locked alert, also if it has not been evaluated yet. */
async function lockAlert(manager: EntityManager, name: AlertName): Promise<Alert> {
  const fresh = newAlert(name, new Date());
  await manager.createQueryBuilder().insert().into(Alert).values(fresh).orIgnore().execute();
  return manager.findOneOrFail(Alert, { where: { name }, lock: { mode: 'pessimistic_write' } });
}
