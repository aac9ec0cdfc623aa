import { matching, readAs, type Rule } from '../platform/settings/rule.js';
import { settings } from '../platform/settings/settings.js';

/** A table outside the service's own schema that holds the MINGUS users. The service reads it and never writes it. */
export interface UsersTable {
  schema: string;
  table: string;
  columns: UsersColumns;
}

interface UsersColumns {
  id: string;
  email: string;
  name: string;
  createdAt: string;
}

const schemaAndTable = readAs(
  matching(/^[A-Za-z_][A-Za-z0-9_$]*\.[A-Za-z_][A-Za-z0-9_$]*$/, 'must be schema.table'),
  (given) => {
    const [schema = '', table = ''] = given.split('.');
    return { schema, table };
  },
);

/** Which column of `USERS_TABLE` holds which field: `id=…,email=…,name=…,created_at=…`. */
const usersColumns: Rule<UsersColumns> = {
  must: 'must map the four fields: id=…,email=…,name=…,created_at=…',
  read(given) {
    const pairs = given
      .split(',')
      .map((pair) => /^(id|email|name|created_at)=([A-Za-z_][\w$]*)$/.exec(pair) ?? []);
    const columns = new Map(pairs.map(([, field = '', column = '']) => [field, column]));
    const [id, email, name, createdAt] = ['id', 'email', 'name', 'created_at'].map((field) =>
      columns.get(field),
    );
    const isWhole = pairs.length === 4 && id && email && name && createdAt;
    return isWhole ? { id, email, name, createdAt } : undefined;
  },
};

export class CustomersSettings extends settings('Customers and users', {
  accountCurrency: {
    name: 'STRIPE_ACCOUNT_CURRENCY',
    rule: matching(/^[a-z]{3}$/, 'must be a three-letter lower-case currency code'),
    default: 'usd',
    meaning: 'The currency of customers that have none in Stripe.',
  },
  externalTable: {
    name: 'USERS_TABLE',
    rule: schemaAndTable,
    otherwise: 'the table `users` of this service',
    meaning:
      "`schema.table` of MINGUS's own users, which the service reads and never writes. Ids may be of the types uuid, smallint, integer, bigint, numeric, text, varchar, char or citext; they are compared as PostgreSQL compares them.",
  },
  columns: {
    name: 'USERS_TABLE_COLUMNS',
    rule: usersColumns,
    default: 'id=id,email=email,name=name,created_at=created_at',
    meaning: 'Which column of `USERS_TABLE` holds which field.',
  },
}) {
  /** Undefined when the users are in the service's own table. */
  get usersTable(): UsersTable | undefined {
    return this.externalTable && { ...this.externalTable, columns: this.columns };
  }
}
