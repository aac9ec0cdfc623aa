import { Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import { Clock } from '../../../platform/clock.js';
import { ALERT_NAMES, type AlertName } from '../declarations/alert-declarations.js';
import { MonitoringSettings } from '../../monitoring.settings.js';
import { uuidv7 } from '../../../platform/database/uuid.js';
import { scrub } from '../../../platform/logging/scrub.js';
import { AlertChange } from '../alert-change.entity.js';
import { Alert } from '../alert.entity.js';
import { AlertMeasures, type Measurements } from '../measures/alert-measures.service.js';
import { AlertNotices } from '../routes/alert-notices.service.js';
import { lockOrSkip } from './alert-lock.js';
import { newAlert, stepOf } from './alert-step.js';
import { DatabaseOutage } from './database-outage.js';
import { EVALUATE_EVERY_MS } from './evaluation-rounds.js';

/** The interval while the database is unavailable, because that alert counts seconds. */
const AGAIN_MS = 5000;
const HOUR_MS = 3_600_000;
const DISABLED = { value: 0, detail: 'Disabled in ALERT_RULES' };

/**
 * Evaluates the alerts every 30 s. All processes with any role do so, one at a time, because only an API
 * process can notice that no worker runs.
 */
@Injectable()
export class AlertEvaluator {
  private readonly logger = new Logger('alerts');
  private readonly outage: DatabaseOutage;
  private timer?: NodeJS.Timeout;
  private again?: NodeJS.Timeout;
  private looking?: Promise<boolean>;

  constructor(
    private readonly settings: MonitoringSettings,
    private readonly clock: Clock,
    private readonly measures: AlertMeasures,
    private readonly notices: AlertNotices,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {
    this.outage = new DatabaseOutage(settings.thresholds.database_down);
  }

  /** Called once the application is up. */
  start(): void {
    this.timer = setInterval(() => void this.evaluateSafely(), EVALUATE_EVERY_MS);
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    clearTimeout(this.again);
    this.timer = undefined;
    await this.looking?.catch(() => false);
  }

  /** Evaluates once and sends the notices. */
  async evaluate(): Promise<void> {
    if (await this.look()) await this.notices.sendPending();
  }

  /** @returns false while the database is down; a due notice about that has then been sent */
  private async look(): Promise<boolean> {
    const failure = await this.write();
    if (failure !== null) {
      await this.reportOutage(failure);
      return false;
    }
    await this.recordOutage();
    await this.dataSource.transaction(async (manager) => {
      if (await lockOrSkip(manager)) await this.step(manager, await this.measures.read());
    });
    return true;
  }

  /** Only one evaluation runs at a time. The next one does not wait for a slow route. */
  private async evaluateSafely(): Promise<void> {
    if (this.looking) return;
    try {
      this.looking = this.look();
      const isWell = await this.looking.finally(() => {
        this.looking = undefined;
      });
      if (isWell) return await this.notices.sendPending();
      clearTimeout(this.again);
      if (this.timer) this.again = setTimeout(() => void this.evaluateSafely(), AGAIN_MS);
    } catch (error) {
      this.logger.error({ event: 'alerts not evaluated', error });
    }
  }

  /** @returns why the database accepted no write; null if it did */
  private async write(): Promise<string | null> {
    try {
      await this.dataSource.query(WRITE, [this.clock.now()]);
      return null;
    } catch (error) {
      return scrub(error instanceof Error ? error.message : String(error));
    }
  }

  private async reportOutage(reason: string): Promise<void> {
    const change = this.outage.observeDown(this.clock.now(), reason, this.notices.routeNames);
    if (change) this.outage.routesLeft = await this.notices.send(change, this.outage.routesLeft);
  }

  private async recordOutage(): Promise<void> {
    const over = this.outage.observeUp(this.clock.now());
    if (!over) return;
    const { name, occurredAt: since } = over.resolved;
    await this.dataSource.getRepository(Alert).update({ name }, { state: 'resolved', since });
    await this.dataSource.getRepository(AlertChange).insert([
      { ...over.fired, routesLeft: [] },
      { ...over.resolved, routesLeft: this.notices.routeNames },
    ]);
  }

  private async step(manager: EntityManager, measurements: Measurements): Promise<void> {
    const now = this.clock.now();
    const { thresholds, remindHours } = this.settings;
    const rows = await manager.find(Alert, { lock: { mode: 'pessimistic_write' } });
    const alerts = new Map<AlertName, Alert>(rows.map((alert) => [alert.name, alert]));
    for (const name of ALERT_NAMES) {
      const measurement = thresholds[name].enabled ? measurements[name] : DISABLED;
      if (!measurement) continue;
      const before = alerts.get(name) ?? newAlert(name, now);
      const { alert, change, isDue } = stepOf(
        before,
        measurement,
        thresholds[name],
        now,
        remindHours * HOUR_MS,
      );
      await manager.upsert(Alert, alert, ['name']);
      if (!change) continue;
      const { value, detail } = measurement;
      const routesLeft = isDue ? this.notices.routeNames : [];
      await manager.insert(AlertChange, {
        id: uuidv7(),
        name,
        change,
        value,
        detail,
        occurredAt: now,
        routesLeft,
      });
    }
  }
}

/** This write fails for the same causes as the commit of an event. */
const WRITE = `
  insert into alerts (name, state, since, value, detail, evaluated_at)
  values ('database_down', 'inactive', $1, 0, 'The database can be written to', $1)
  on conflict (name) do update set evaluated_at = excluded.evaluated_at`;
