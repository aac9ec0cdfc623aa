import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { WebhooksSettings } from '../webhooks.settings.js';
import { oldSecretsOf, type SecretUse } from './old-secrets.js';
import type { Finding, WatchdogCheck } from './watchdog-check.js';

/** Checks whether an old secret still signs events and so cannot be removed yet. */
@Injectable()
export class SecretInUseCheck implements WatchdogCheck {
  readonly name = 'secret_in_use';

  constructor(
    private readonly settings: WebhooksSettings,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  async look(): Promise<Finding> {
    const count = this.settings.secrets.length;
    if (count === 1) {
      // The positions are invalid for the secrets of the next rotation.
      await this.dataSource.query('delete from webhook_secret_uses');
      return { state: 'ok', detail: 'One secret is configured' };
    }
    const uses = await this.dataSource.query<SecretUse[]>(RECENT_USES, [count]);
    const old = oldSecretsOf(uses);
    if (old.length > 0) {
      const detail = `${count} secrets are configured, and in the last 24 h still in use: ${old.join(', ')}`;
      return { state: 'warning', detail };
    }
    return { state: 'ok', detail: `${count} secrets are configured, no old one in use in the last 24 h` };
  }
}

const RECENT_USES = `
  select position, kind from webhook_secret_uses
  where last_used_at > now() - interval '24 hours' and position <= $1`;
