#!/bin/sh
# Run once by the image, on an empty volume: the emulators' database, and the role that Grafana reads by.
set -eu
psql -v ON_ERROR_STOP=1 -v password="${GRAFANA_READER_PASSWORD:-grafana}" -U "$POSTGRES_USER" -d "$POSTGRES_DB" <<'SQL'
create database emulator;
create role grafana_reader login password :'password';
alter role grafana_reader set statement_timeout = '30s';
SQL
