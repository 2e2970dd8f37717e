-- +goose Up
CREATE TABLE outbox (
  seq      INTEGER PRIMARY KEY AUTOINCREMENT,
  queue    TEXT NOT NULL,
  id       TEXT NOT NULL,
  lane     TEXT NOT NULL,
  body     BLOB NOT NULL,
  due_at   INTEGER NOT NULL,
  since    INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  token    INTEGER NOT NULL DEFAULT 0,
  parked   TEXT,
  UNIQUE (queue, id)
) STRICT;

-- What is parked is in nobody's way, and in no index that is read to find work.
CREATE INDEX outbox_due ON outbox (queue, due_at) WHERE parked IS NULL;
CREATE INDEX outbox_lane ON outbox (queue, lane, seq) WHERE parked IS NULL;
CREATE INDEX outbox_parked ON outbox (queue, seq) WHERE parked IS NOT NULL;
