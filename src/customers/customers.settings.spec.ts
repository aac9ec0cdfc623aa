import { describe, expect, it } from 'vitest';
import { CustomersSettings } from './customers.settings.js';

describe('the settings of users', () => {
  it('name the table and the columns that the users of MINGUS are in', () => {
    const env = { USERS_TABLE: 'app.accounts', USERS_TABLE_COLUMNS: 'name=n,id=i,created_at=c,email=e' };
    expect(new CustomersSettings(env).usersTable).toEqual({
      schema: 'app',
      table: 'accounts',
      columns: { id: 'i', email: 'e', name: 'n', createdAt: 'c' },
    });
  });

  it('name no table when the users are in the own one', () => {
    expect(new CustomersSettings({}).usersTable).toBeUndefined();
  });
});
