-- +goose Up
CREATE TABLE archive_run (
  seq         INTEGER PRIMARY KEY AUTOINCREMENT,
  id          TEXT NOT NULL UNIQUE,
  owner       TEXT NOT NULL,
  started_by  TEXT NOT NULL,
  partner     TEXT NOT NULL,
  contract    TEXT NOT NULL,
  mode        TEXT NOT NULL,
  offer       TEXT NOT NULL,
  verdict     TEXT NOT NULL,
  problem     TEXT NOT NULL,
  selection   TEXT NOT NULL,
  interrupted INTEGER NOT NULL,
  suite       TEXT NOT NULL,
  digest      TEXT NOT NULL,
  counts      TEXT NOT NULL,
  started_at  INTEGER NOT NULL,
  duration_ms INTEGER NOT NULL,
  review      TEXT NOT NULL,
  revision    INTEGER NOT NULL,
  bundle      BLOB
) STRICT;
CREATE INDEX archive_run_owner ON archive_run (owner, seq);
CREATE INDEX archive_run_partner ON archive_run (partner, seq);
