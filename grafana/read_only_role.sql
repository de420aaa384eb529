-- The role that Grafana signs in with: it can read the views of the schema `grafana` and call its
-- functions, which read those views with the role's own rights; nothing else.
-- Anybody who may edit a panel can send any SQL, so these grants are the only boundary there is.
-- For psql, as the owner of the database, as often as you like; takes the password from the
-- environment variable GRAFANA_READER_PASSWORD.

\getenv password GRAFANA_READER_PASSWORD

SELECT NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'grafana_reader') AS is_missing \gset
\if :is_missing
CREATE ROLE grafana_reader;
\endif

ALTER ROLE grafana_reader LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION
    CONNECTION LIMIT 20 PASSWORD :'password';
ALTER ROLE grafana_reader SET default_transaction_read_only = on;
ALTER ROLE grafana_reader SET statement_timeout = '15s';
ALTER ROLE grafana_reader SET idle_in_transaction_session_timeout = '60s';
ALTER ROLE grafana_reader SET timezone = 'UTC';
ALTER ROLE grafana_reader SET search_path = grafana;

GRANT CONNECT ON DATABASE :"DBNAME" TO grafana_reader;
GRANT USAGE ON SCHEMA grafana TO grafana_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA grafana TO grafana_reader;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA grafana TO grafana_reader;
-- What a later migration creates, provided that the same role runs it.
ALTER DEFAULT PRIVILEGES IN SCHEMA grafana GRANT SELECT ON TABLES TO grafana_reader;
ALTER DEFAULT PRIVILEGES IN SCHEMA grafana GRANT EXECUTE ON FUNCTIONS TO grafana_reader;
