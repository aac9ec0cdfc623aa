import { Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import { Clock } from '../../../platform/clock.js';
import { ALERT_NAMES, type AlertName } from '../../../platform/config/alert-thresholds.js';
import { AppConfig } from '../../../platform/config/app-config.js';
import { uuidv7 } from '../../../platform/database/uuid.js';
import { scrub } from '../../../platform/logging/scrub.js';
import { AlertChange } from '../alert-change.entity.js';
import { Alert } from '../alert.entity.js';
import { AlertMeasures, type Measurements } from '../measures/alert-measures.service.js';
import { AlertNotices } from '../routes/alert-notices.service.js';
import { lockOrSkip } from './alert-lock.js';
import { newAlert, stepOf } from './alert-step.js';
import { DatabaseOutage } from './database-outage.js';

const EVERY_MS = 30_000;
/** While the database is away, whose alert counts in seconds. */
const AGAIN_MS = 5000;
const HOUR_MS = 3_600_000;
const NOT_LOOKED_AT = { value: 0, detail: 'Disabled in ALERT_RULES' };

/** Looks every 30 s whether there is something that people must know: in one of the workers at a time. */
@Injectable()
export class AlertEvaluator {
  private readonly logger = new Logger('alerts');
  private readonly outage: DatabaseOutage;
  private timer?: NodeJS.Timeout;
  private again?: NodeJS.Timeout;
  private looking?: Promise<boolean>;

  constructor(
    private readonly config: AppConfig,
    private readonly clock: Clock,
    private readonly measures: AlertMeasures,
    private readonly notices: AlertNotices,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {
    this.outage = new DatabaseOutage(config.alerts.thresholds.database_down);
  }

  /** Called once the application is up; does nothing without the `worker` role. */
  start(): void {
    if (this.config.roles.worker) this.timer = setInterval(() => void this.evaluateSafely(), EVERY_MS);
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    clearTimeout(this.again);
    this.timer = undefined;
    await this.looking?.catch(() => false);
  }

  /** Looks once, and tells. */
  async evaluate(): Promise<void> {
    if (await this.look()) await this.notices.tellUntold();
  }

  /** @returns false while the database is down: then it has been told, as far as that is due */
  private async look(): Promise<boolean> {
    const failure = await this.write();
    if (failure !== null) {
      await this.tellOfOutage(failure);
      return false;
    }
    await this.recordOutage();
    await this.dataSource.transaction(async (manager) => {
      if (await lockOrSkip(manager)) await this.step(manager, await this.measures.read());
    });
    return true;
  }

  /** One look that takes long is not overtaken; nor does the next one wait for a route that takes long. */
  private async evaluateSafely(): Promise<void> {
    if (this.looking) return;
    try {
      this.looking = this.look();
      const isWell = await this.looking.finally(() => {
        this.looking = undefined;
      });
      if (isWell) return await this.notices.tellUntold();
      clearTimeout(this.again);
      if (this.timer) this.again = setTimeout(() => void this.evaluateSafely(), AGAIN_MS);
    } catch (error) {
      this.logger.error({ event: 'alerts not evaluated', error });
    }
  }

  /** @returns why the database took no write; null when it did */
  private async write(): Promise<string | null> {
    try {
      await this.dataSource.query(WRITE, [this.clock.now()]);
      return null;
    } catch (error) {
      return scrub(error instanceof Error ? error.message : String(error));
    }
  }

  private async tellOfOutage(reason: string): Promise<void> {
    const change = this.outage.observeDown(this.clock.now(), reason, this.notices.routeNames);
    if (change) this.outage.routesLeft = await this.notices.tell(change, this.outage.routesLeft);
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
    const { thresholds, remindHours } = this.config.alerts;
    const rows = await manager.find(Alert, { lock: { mode: 'pessimistic_write' } });
    const alerts = new Map<AlertName, Alert>(rows.map((alert) => [alert.name, alert]));
    for (const name of ALERT_NAMES) {
      const measurement = thresholds[name].enabled ? measurements[name] : NOT_LOOKED_AT;
      if (!measurement) continue;
      const before = alerts.get(name) ?? newAlert(name, now);
      const { alert, change, isTold } = stepOf(
        before,
        measurement,
        thresholds[name],
        now,
        remindHours * HOUR_MS,
      );
      await manager.upsert(Alert, alert, ['name']);
      if (!change) continue;
      const { value, detail } = measurement;
      const routesLeft = isTold ? this.notices.routeNames : [];
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

/** Whatever keeps events from being committed keeps this from it, too. */
const WRITE = `
  insert into alerts (name, state, since, value, detail, evaluated_at)
  values ('database_down', 'inactive', $1, 0, 'The database takes writes', $1)
  on conflict (name) do update set evaluated_at = excluded.evaluated_at`;
