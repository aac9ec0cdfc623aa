import { Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import type { ChannelFault } from '../../platform/delivery/circuit.js';
import type { Connector, ConnectorSession } from './connector.js';
import { ConnectorInstance } from './connector-instance.entity.js';
import { ConnectorSessions } from './connector-sessions.service.js';

/** The fault of a connector that opens another account than the one that its links belong to. */
export const ACCOUNT_CHANGED = 'account changed';

/** It is not known that an instance opens the account that its links belong to. Nothing was written. */
export class AccountUncertain extends Error {
  constructor(
    readonly fault: ChannelFault,
    /** For operators. */
    readonly reason: string,
  ) {
    super(`The account is not certain: ${reason}`);
  }
}

/**
 * Opens sessions with the account that the links of an instance belong to. After a change of settings or secrets the system
 * is asked first: an id of another account could be that of a stranger here.
 */
@Injectable()
export class ConnectorAccounts {
  private readonly logger = new Logger('connectors');

  constructor(
    private readonly sessions: ConnectorSessions,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  /**
   * @param endsAt as of `ConnectorSessions`
   * @throws AccountUncertain, SecretUnreadable, OutboundFault
   */
  async open(connector: Connector, instance: ConnectorInstance, endsAt: number): Promise<ConnectorSession> {
    const session = this.sessions.open(connector, instance, endsAt);
    const digest = this.sessions.digestOf(connector, instance);
    if (digest !== instance.accountCheckedFor) await this.check(connector, instance, session, digest);
    return session;
  }

  private async check(
    connector: Connector,
    { name, account: before }: ConnectorInstance,
    session: ConnectorSession,
    digest: string,
  ): Promise<void> {
    const { credential, account } = await connector.health(session);
    if (credential === 'refused') throw new AccountUncertain('channel_fault', 'auth credential_refused');
    const address = addressOf(connector, session);
    const present = account ?? address;
    // A system that says its account only now has the one that was known by its address.
    if (before !== null && before !== present && before !== address) {
      this.logger.error({ event: 'account changed', connector: name, before, present });
      throw new AccountUncertain('channel_fault', ACCOUNT_CHANGED);
    }
    await this.dataSource.query(CHECKED, [name, present, digest, before]);
  }
}

/** The addresses among the settings, which stand for an account without an id. */
function addressOf(connector: Connector, { settings }: ConnectorSession): string {
  const urls = connector.describe().settings.filter(({ kind }) => kind === 'url');
  return ['at', ...urls.map(({ name }) => settings[name])].join(' ');
}

/** An operator may have accepted another account in between. */
const CHECKED = `
  update connectors set account = $2, account_checked_for = $3
  where name = $1 and account is not distinct from $4`;
