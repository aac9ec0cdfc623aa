import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { AppConfig } from '../../platform/config/app-config.js';
import type { UsersTable } from '../../platform/config/users-table.js';

/** How the id column's type takes a user id; ids it could never hold are not asked for. */
const ID_TYPES: Record<string, RegExp> = {
  text: /^/,
  'character varying': /^/,
  uuid: /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i,
  bigint: /^\d{1,18}$/,
  integer: /^\d{1,9}$/,
};

const OWN_TABLE: UsersTable = {
  schema: 'public',
  table: 'users',
  columns: { id: 'id', email: 'email', name: 'name', createdAt: 'created_at' },
};

/** A user as read from whichever table. */
export interface FoundUser {
  id: string;
  email: string;
  name: string | null;
  createdAt: Date;
}

/** Where MINGUS users are read from: our own table, or MINGUS's (`USERS_TABLE`), which is never written. */
@Injectable()
export class UsersSource {
  /** `$1`: user ids; one row per user found, with the notification kinds they have had. */
  selectUsers: string;
  private idType = 'text';

  constructor(
    private readonly config: AppConfig,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  /** @throws when `USERS_TABLE` is not there or cannot be read with the columns given */
  async onModuleInit(): Promise<void> {
    const { table } = this.config.users;
    if (table) this.idType = await this.readIdType(table);
    this.selectUsers = toSelect(table ?? OWN_TABLE, this.idType);
    if (table) await this.assertReadable(table);
  }

  /** The ids worth asking for, without repeats. */
  keysOf(userIds: readonly string[]): string[] {
    return [...new Set(userIds)].filter((id) => ID_TYPES[this.idType]?.test(id));
  }

  /** One user, or null. */
  async find(userId: string, manager = this.dataSource.manager): Promise<FoundUser | null> {
    const [row] = await manager.query(this.selectUsers, [this.keysOf([userId])]);
    return row ? { id: row.id, email: row.email, name: row.name, createdAt: row.created_at } : null;
  }

  /** Better at boot than with the first event. */
  private async assertReadable({ schema, table }: UsersTable): Promise<void> {
    try {
      await this.dataSource.query(this.selectUsers, [[]]);
    } catch (error) {
      throw new Error(`USERS_TABLE ${schema}.${table} cannot be read: ${(error as Error).message}`, {
        cause: error,
      });
    }
  }

  private async readIdType({ schema, table, columns }: UsersTable): Promise<string> {
    const rows: { column_name: string; data_type: string }[] = await this.dataSource.query(
      'select column_name, data_type from information_schema.columns where table_schema = $1 and table_name = $2',
      [schema, table],
    );
    const types = new Map(rows.map((row) => [row.column_name, row.data_type]));
    const missing = Object.values(columns).filter((column) => !types.has(column));
    if (missing.length > 0) {
      throw new Error(
        `USERS_TABLE ${schema}.${table} is not readable or lacks the columns ${missing.join(', ')}`,
      );
    }
    const type = types.get(columns.id) ?? '';
    if (!ID_TYPES[type]) throw new Error(`USERS_TABLE: an id of type ${type} is not supported`);
    return type;
  }
}

/** Who joined at no known time (null, infinity) joined long ago. */
function toSelect({ schema, table, columns }: UsersTable, idType: string): string {
  const createdAt = `u."${columns.createdAt}"::timestamptz`;
  return `
    select u."${columns.id}"::text as id, u."${columns.email}" as email, u."${columns.name}" as name,
      case when isfinite(${createdAt}) then ${createdAt} else 'epoch' end as created_at,
      array(select kind || '/' || channel from notifications n
        where n.user_id = u."${columns.id}"::text and n.occurrence = '') as notified_kinds
    from "${schema}"."${table}" u
    where u."${columns.id}" = any($1::text[]::${idType}[])`;
}
