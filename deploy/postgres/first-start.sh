#!/bin/sh
# Run by the image of PostgreSQL when it makes the database.
set -eu
psql --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" --no-psqlrc --quiet \
  --set=password="$DIALOGUE_PASSWORD" --file=/etc/navi/dialogue-role.sql
