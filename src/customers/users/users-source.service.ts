import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import type { MingusUser } from '../../events/stripe-customer.js';
import { DomainError } from '../../platform/http/domain-error.js';
import { CustomersSettings, type UsersTable } from '../customers.settings.js';
import { type LeadRow, toSelectLeads } from './lead.queries.js';
import {
  columnOf,
  type IdColumn,
  OWN_ID_TYPE,
  spellingsOf,
  type UserIdType,
  userIdTypeOf,
} from './user-id-types.js';

const OWN_TABLE: UsersTable = {
  schema: 'public',
  table: 'users',
  columns: { id: 'id', email: 'email', name: 'name', createdAt: 'created_at' },
};

/** A user from our table or from `USERS_TABLE`. */
export interface FoundUser {
  /** The id as spelled in the database. */
  id: string;
  email: string;
  name: string | null;
  createdAt: Date;
}

/** A row of `selectUsers`, one for each spelling. */
export interface AskedRow {
  asked: string;
  /** One spelling for all texts with the same id. */
  canonical: string;
  /** Null if there is no such user; the other columns are null as well. */
  id: string | null;
  email: string;
  name: string | null;
  created_at: Date;
  notified_kinds: string[];
  /** Null if MINGUS has reported none. */
  milestones: { milestone: string; occurred_at: string; recorded_at: string }[] | null;
}

/** The result of looking up an id. */
export interface ResolvedId {
  /** Null if there is no such user. */
  user: (AskedRow & { id: string }) | null;
  /** The id to store: as spelled in the users table, else the canonical spelling. */
  id: string;
  /** The id that is stored with events that wait for this user. */
  awaitedAs: string;
}

/**
 * Reads MINGUS users from our own table or from MINGUS's (`USERS_TABLE`), which is never written. The
 * database decides which ids are equal: a uuid in capitals, `007` in a column of numbers, another case in
 * citext.
 */
@Injectable()
export class UsersSource {
  /**
   * Takes spellings of user ids as `$1`. Returns an {@link AskedRow} for each, with the notification kinds
   * the user has had and the milestones that MINGUS has reported.
   */
  selectUsers: string;
  /** Takes spellings as `$1`. Returns the ids of the users as they are stored. */
  selectIds: string;
  private selectLeads: string;
  private idType: UserIdType = OWN_ID_TYPE;

  constructor(
    private readonly settings: CustomersSettings,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  /** @throws when `USERS_TABLE` is not there or cannot be read with the columns given */
  async onModuleInit(): Promise<void> {
    const { usersTable: table } = this.settings;
    if (table) this.idType = await this.readIdType(table);
    this.selectUsers = toSelect(table ?? OWN_TABLE, this.idType);
    this.selectIds = toSelectIds(table ?? OWN_TABLE, this.idType);
    this.selectLeads = toSelectLeads(table ?? OWN_TABLE, this.idType);
    if (table) await this.assertReadable(table);
  }

  /** The spellings to look up, without repeats. */
  keysOf(userIds: readonly string[]): string[] {
    return [...new Set(userIds.flatMap(spellingsOf))].filter(this.idType.accepts);
  }

  /** Assigns the rows found for {@link keysOf} to the ids. */
  resolve(userIds: readonly string[], rows: readonly AskedRow[]): Map<string, ResolvedId> {
    const answers = new Map(rows.map((row) => [row.asked, row]));
    return new Map(userIds.map((userId) => [userId, resolved(userId, answers)]));
  }

  /** One user, or null. */
  async find(userId: string, manager = this.dataSource.manager): Promise<FoundUser | null> {
    const { user } = await this.ask(userId, manager);
    return user && { id: user.id, email: user.email, name: user.name, createdAt: user.created_at };
  }

  /** The id under which rows about the user are stored, whether or not the user exists. */
  async idOf(userId: string): Promise<string> {
    return this.settings.usersTable ? (await this.ask(userId)).id : userId;
  }

  async ask(userId: string, manager = this.dataSource.manager): Promise<ResolvedId> {
    const rows: AskedRow[] = await manager.query(this.selectUsers, [this.keysOf([userId])]);
    return resolved(userId, new Map(rows.map((row) => [row.asked, row])));
  }

  /**
   * Users without a customer, in the order of their ids.
   * @param after the last id of the previous page
   * @throws DomainError cursor_invalid
   */
  async listLeads({ after, limit }: { after: string | null; limit: number }): Promise<LeadRow[]> {
    if (after !== null && !this.idType.accepts(after))
      throw new DomainError('cursor_invalid', 'The cursor is no id of a user');
    return this.dataSource.query(this.selectLeads, [after, limit]);
  }

  /** Reports a wrong `USERS_TABLE` at boot instead of with the first event. */
  private async assertReadable({ schema, table }: UsersTable): Promise<void> {
    try {
      await this.dataSource.query(this.selectUsers, [[]]);
    } catch (error) {
      throw new Error(`USERS_TABLE ${schema}.${table} cannot be read: ${(error as Error).message}`, {
        cause: error,
      });
    }
  }

  private async readIdType({ schema, table, columns }: UsersTable): Promise<UserIdType> {
    const rows: (IdColumn & { column_name: string })[] = await this.dataSource.query(
      `select column_name, data_type, udt_schema, udt_name from information_schema.columns
       where table_schema = $1 and table_name = $2`,
      [schema, table],
    );
    const found = new Map(rows.map((row) => [row.column_name, row]));
    const missing = Object.values(columns).filter((column) => !found.has(column));
    if (missing.length > 0) {
      throw new Error(
        `USERS_TABLE ${schema}.${table} is not readable or lacks the columns ${missing.join(', ')}`,
      );
    }
    return userIdTypeOf(found.get(columns.id) as IdColumn);
  }
}

/** An exact match comes first. Without one, blanks around the id are taken for a typing error. */
function resolved(userId: string, answers: ReadonlyMap<string, AskedRow>): ResolvedId {
  const [asGiven, trimmed] = spellingsOf(userId).map((spelling) => answers.get(spelling));
  const user = [asGiven, trimmed].find(isFound) ?? null;
  const awaitedAs = trimmed?.canonical ?? userId.trim();
  return { user, id: user?.id ?? awaitedAs, awaitedAs };
}

/** The user as facts carry it. */
export function toMingusUser(row: AskedRow & { id: string }): MingusUser {
  const milestones = (row.milestones ?? []).map(
    ({ milestone, occurred_at: occurredAt, recorded_at: recordedAt }) => ({
      milestone,
      occurredAt: new Date(occurredAt).toISOString(),
      recordedAt: new Date(recordedAt).toISOString(),
    }),
  );
  return {
    id: row.id,
    email: row.email,
    name: row.name,
    createdAt: row.created_at.toISOString(),
    milestones,
  };
}

function isFound(row: AskedRow | undefined): row is AskedRow & { id: string } {
  return row !== undefined && row.id !== null;
}

/** `offset 0`: see {@link toSelect}. */
function toSelectIds(users: UsersTable, { value, equals }: UserIdType): string {
  const id = columnOf(users, 'id');
  return `
    select found.id from unnest($1::text[]) as asked (id)
    join lateral (
      select ${id}::text as id from "${users.schema}"."${users.table}" u where ${id} ${equals} ${value} offset 0
    ) found on true`;
}

/**
 * A user whose joining time is unknown (null, infinity) counts as joined long ago. `offset 0` keeps one index
 * look-up per id: a plain join planned while the table is small would read the whole table, and PostgreSQL
 * would keep that plan while the table grows.
 */
function toSelect(users: UsersTable, { value, equals, canonical }: UserIdType): string {
  const id = columnOf(users, 'id');
  const createdAt = `${columnOf(users, 'createdAt')}::timestamptz`;
  return `
    select asked.id as asked, ${canonical} as canonical, found.*
    from unnest($1::text[]) as asked (id)
    left join lateral (
      select ${id}::text as id, ${columnOf(users, 'email')} as email, ${columnOf(users, 'name')} as name,
        case when isfinite(${createdAt}) then ${createdAt} else 'epoch' end as created_at,
        array(select kind || '/' || channel from notifications n
          where n.user_id = ${id}::text and n.occurrence = '') as notified_kinds,
        (select json_agg(m) from user_milestones m where m.user_id = ${id}::text) as milestones
      from "${users.schema}"."${users.table}" u
      where ${id} ${equals} ${value}
      offset 0
    ) found on true`;
}
