-- +goose Up
CREATE TABLE console_run (
  id          TEXT PRIMARY KEY,
  owner       TEXT NOT NULL,
  profile     TEXT NOT NULL,
  client      TEXT NOT NULL,
  started_by  TEXT NOT NULL,
  partner     TEXT NOT NULL,
  contract    TEXT NOT NULL,
  mode        TEXT NOT NULL,
  offer       TEXT NOT NULL,
  selection   TEXT NOT NULL,
  suite       TEXT NOT NULL,
  document    TEXT NOT NULL,
  choices     TEXT NOT NULL,
  started_at  INTEGER NOT NULL,
  state       TEXT NOT NULL,
  problem     TEXT NOT NULL,
  holder      TEXT NOT NULL,
  token       INTEGER NOT NULL,
  lease_until INTEGER NOT NULL,
  stopping    INTEGER NOT NULL,
  done        INTEGER NOT NULL,
  total       INTEGER NOT NULL
) STRICT;
CREATE INDEX console_run_owner ON console_run (owner, started_at);
CREATE TABLE console_journal (
  run   TEXT NOT NULL,
  part  INTEGER NOT NULL,
  lines BLOB NOT NULL,
  PRIMARY KEY (run, part)
) STRICT;
-- Whoever begins a run, or goes on with one, changes this row first: so they look at the others one after the other.
CREATE TABLE console_turn (
  id   INTEGER PRIMARY KEY,
  turn INTEGER NOT NULL
) STRICT;
INSERT INTO console_turn (id, turn) VALUES (1, 0);
