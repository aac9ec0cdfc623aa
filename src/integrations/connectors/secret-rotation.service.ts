import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { OperatorActed } from '../../events/operator-acted.event.js';
import { inTransaction } from '../../platform/database/transaction.js';
import { Facts } from '../../platform/facts/facts.service.js';
import { Secrets } from '../../platform/secrets/secrets.service.js';
import { ConnectorInstance } from './connector-instance.entity.js';
import { purposeOf } from './connector-sessions.service.js';

/** Encrypts all stored secrets with the first key of `SECRETS_KEYS`, so that the other keys can be removed. */
@Injectable()
export class SecretRotation {
  constructor(
    private readonly secrets: Secrets,
    private readonly facts: Facts,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  /** @returns how many secrets were encrypted again @throws SecretUnreadable; then nothing is changed */
  rotate(): Promise<number> {
    return inTransaction(this.dataSource, async (manager) => {
      const lock = { mode: 'pessimistic_write' } as const;
      const instances = await manager.find(ConnectorInstance, { order: { name: 'ASC' }, lock });
      let rotated = 0;
      for (const { name, secrets } of instances) {
        const renewed = Object.entries(secrets).flatMap(([secret, stored]) => {
          const fresh = this.secrets.renewed(stored, purposeOf(name, secret));
          return fresh === null ? [] : [[secret, fresh] as const];
        });
        if (renewed.length === 0) continue;
        await manager.update(
          ConnectorInstance,
          { name },
          { secrets: { ...secrets, ...Object.fromEntries(renewed) } },
        );
        rotated += renewed.length;
      }
      const details = { count: String(rotated) };
      const fact = new OperatorActed('secrets.rotated', { type: 'secrets', id: 'connectors' }, details);
      if (rotated > 0) await this.facts.record(manager, fact);
      return rotated;
    });
  }
}
