#!/bin/sh
# Runs once, when compose.yaml's PostgreSQL makes its database: who owns the tables, and who uses them.
# docs/production.md, "Database roles". PostgreSQL's own superuser is for its administrator alone.
set -eu

psql -v ON_ERROR_STOP=1 -v database="$POSTGRES_DB" -v owner_password="$OWNER_PASSWORD" \
  -v service_password="$SERVICE_PASSWORD" --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<'SQL'
create role mingus_onboarding_app nologin;
create role onboarding_owner login password :'owner_password';
create role onboarding_service login password :'service_password' in role mingus_onboarding_app;
alter database :"database" owner to onboarding_owner;
SQL
