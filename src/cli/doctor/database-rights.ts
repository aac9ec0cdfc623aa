import { note, ok, problem, warning, type Found } from './check.js';
import type { DoctorDatabase } from './doctor-database.js';

interface Role {
  name: string;
  superuser: boolean;
  owner: boolean;
  mayUseJobs: boolean;
  mayErase: boolean;
  mayCreate: boolean;
}

const ROLE = `
  select rolname as name, rolsuper as superuser,
    exists (select from pg_tables where pg_has_role(pg_roles.oid, tableowner, 'member')
      and schemaname in ('public', 'graphile_worker')) as owner,
    coalesce((select has_schema_privilege(oid, 'usage') from pg_namespace where nspname = 'graphile_worker'), true)
      as "mayUseJobs",
    coalesce((select has_function_privilege(oid, 'execute') from pg_proc where proname = 'erase_audit_personal'), true)
      as "mayErase",
    has_schema_privilege('public', 'create') as "mayCreate"
  from pg_roles where rolname = current_user`;

/**
 * The rights that the service needs on its tables. A row lock needs the right to update. Audit entries are
 * only added; the list of migrations is only read.
 */
const MISSING = `
  select format('%I.%I', schemaname, tablename) as table, string_agg(privilege, ', ' order by privilege) as rights
  from pg_tables
  cross join unnest(array['select', 'insert', 'update', 'delete']) privilege
  where schemaname in ('public', 'graphile_worker')
    and not has_table_privilege(format('%I.%I', schemaname, tablename), privilege)
    and not (tablename in ('audit_entries', 'audit_seals') and privilege in ('update', 'delete'))
    and not (tablename = 'migrations' and privilege <> 'select')
    and (schemaname = 'graphile_worker' or tablename = any($1))
  group by 1 order by 1`;

/** Rights that only the owner of the tables should have, also on a single column. */
const TOO_MUCH = `
  select format('%I.%I', schemaname, tablename) as table, string_agg(privilege, ', ' order by privilege) as rights
  from pg_tables cross join unnest(array['update', 'delete', 'truncate', 'trigger']) privilege
  where schemaname = 'public' and tablename in ('audit_entries', 'audit_seals')
    and (has_table_privilege(format('%I.%I', schemaname, tablename), privilege)
      or privilege = 'update' and has_any_column_privilege(format('%I.%I', schemaname, tablename), privilege))
  group by 1 order by 1`;

/** Whether the role has exactly the rights that the service needs. */
export async function rightsOf(database: DoctorDatabase, tables: readonly string[]): Promise<Found[]> {
  const role = await database.row<Role>(ROLE);
  if (!role.mayUseJobs) return [problem(`${role.name} may not use the schema graphile_worker`, GRANT)];
  if (!role.mayErase) return [problem(`${role.name} may not call erase_audit_personal`, GRANT)];
  const missing = await database.rows<{ table: string; rights: string }>(MISSING, [tables]);
  if (missing.length > 0)
    return missing.map(({ table, rights }) => problem(`${role.name} lacks ${rights} on ${table}`, GRANT));
  if (role.superuser)
    return [
      warning(
        `${role.name} is a superuser: an attacker who takes over a process controls the whole server`,
        'Use a role of its own (docs/production.md, "Database roles")',
      ),
    ];
  if (role.owner)
    return [
      ok(`${role.name} may do what the service does`),
      note(
        `${role.name} owns the tables or is a member of the role that does. A role with fewer rights is enough for the service (docs/production.md, "Database roles")`,
      ),
    ];
  const tooMuch = await database.rows<{ table: string; rights: string }>(TOO_MUCH);
  if (tooMuch.length > 0)
    return tooMuch.map(({ table, rights }) =>
      warning(
        `${role.name} has ${rights} on ${table}: the service only adds to the audit and must not change it`,
        REVOKE,
      ),
    );
  return [ok(`${role.name} may do what the service does, and does not own the tables`)];
}

const REVOKE = 'Revoke it, and grant mingus_onboarding_app instead (docs/production.md, "Database roles")';
const GRANT = 'Grant it (docs/production.md, "Database roles")';
