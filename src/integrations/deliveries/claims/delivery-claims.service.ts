import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { ConnectorInstance } from '../../connectors/connector-instance.entity.js';
import { IntegrationsSettings } from '../../integrations.settings.js';
import { claimWithinCap } from './daily-cap.js';
import type { Claim } from './delivery-claims.queries.js';
import { returnTurn, takeTurn } from './probe-turns.queries.js';

/** A claim lasts for so many time-outs of a request, and for the longest waits for a rate. */
const TIMEOUTS = 6;
const CLAIM_MS_MIN = 15_000;
/** The last part of a claim is for recording what came of it. */
const RECORDING_SHARE = 1 / 12;

/** Takes deliveries for an attempt, for a time after which its process counts as dead. */
@Injectable()
export class DeliveryClaims {
  /** How long an attempt may take, from its claim to its record. */
  private readonly ms: number;

  constructor(
    settings: IntegrationsSettings,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {
    this.ms = Math.max(TIMEOUTS * settings.timeoutSeconds * 1000, CLAIM_MS_MIN);
  }

  /** When the last answer must have come if the claim is made after this call. */
  answersUntil(): number {
    return Date.now() + this.ms * (1 - RECORDING_SHARE);
  }

  /** The connector if it may be used now. After a pause, one caller at a time gets it. */
  async findUsable(name: string): Promise<ConnectorInstance | null> {
    const { manager } = this.dataSource;
    const instance = await manager.findOneBy(ConnectorInstance, { name });
    if (!instance?.enabled || isLater(instance.pausedUntil) || isLater(instance.cappedUntil)) return null;
    if (instance.pausedUntil !== null && !(await takeTurn(manager, name, this.ms))) return null;
    return instance;
  }

  /** Claims the next deliveries. The turn after a pause is given back if there are none. */
  async claim(instance: ConnectorInstance, rows: number): Promise<Claim> {
    const claim = await claimWithinCap(this.dataSource, instance, { rows, ms: this.ms });
    if (claim.deliveries.length === 0 && instance.pausedUntil !== null)
      await returnTurn(this.dataSource.manager, instance.name);
    return claim;
  }
}

function isLater(time: Date | null): boolean {
  return time !== null && time > new Date();
}
