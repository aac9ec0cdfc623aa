import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import { AlertOperated } from '../../events/monitoring/alert-operated.event.js';
import { currentCause } from '../../platform/cause.js';
import { ALERT_NAMES, type AlertName } from '../../platform/config/alert-thresholds.js';
import { AppConfig } from '../../platform/config/app-config.js';
import { inTransaction } from '../../platform/database/transaction.js';
import { DomainError } from '../../platform/http/domain-error.js';
import { findPage, type Page } from '../../platform/http/page.dto.js';
import { FactRecorder } from '../../platform/unit-of-work/fact-recorder.service.js';
import { AlertChange } from './alert-change.entity.js';
import type { AlertChangesQuery, AlertDto, SilenceAlertDto } from './alert.dto.js';
import { Alert } from './alert.entity.js';
import { ALERT_RULES } from './alert-rules.js';
import { newAlert } from './evaluation/alert-step.js';

/** Alerts as operators see them, and what operators do about them. Each act is audited. */
@Injectable()
export class AlertsService {
  constructor(
    private readonly config: AppConfig,
    private readonly facts: FactRecorder,
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

  /** Nobody is reminded of it until it fires again. @throws DomainError alert_not_found, alert_not_firing */
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
    const { thresholds, runbookUrl } = this.config.alerts;
    const { severity, title, runbook } = ALERT_RULES[name];
    return {
      name,
      title,
      severity,
      ...thresholds[name],
      state: alert?.state ?? 'inactive',
      since: alert?.since ?? null,
      value: alert?.value ?? 0,
      detail: alert?.detail ?? '',
      evaluatedAt: alert?.evaluatedAt ?? null,
      acknowledgedBy: alert?.acknowledgedBy ?? null,
      silencedUntil: alert?.silencedUntil ?? null,
      silenceReason: alert?.silenceReason ?? null,
      runbookUrl: `${runbookUrl}#${runbook}`,
    };
  }
}

/** The alert, also where it has not been looked at yet. */
async function lockAlert(manager: EntityManager, name: AlertName): Promise<Alert> {
  const fresh = newAlert(name, new Date());
  await manager.createQueryBuilder().insert().into(Alert).values(fresh).orIgnore().execute();
  return manager.findOneOrFail(Alert, { where: { name }, lock: { mode: 'pessimistic_write' } });
}
