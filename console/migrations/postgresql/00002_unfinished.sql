-- +goose Up
CREATE TABLE console_run (
  id          TEXT COLLATE "C" PRIMARY KEY,
  owner       TEXT COLLATE "C" NOT NULL,
  profile     TEXT COLLATE "C" NOT NULL,
  client      TEXT COLLATE "C" NOT NULL,
  started_by  TEXT NOT NULL,
  partner     TEXT NOT NULL,
  contract    TEXT NOT NULL,
  mode        TEXT NOT NULL,
  offer       TEXT NOT NULL,
  selection   TEXT NOT NULL,
  suite       TEXT NOT NULL,
  document    TEXT NOT NULL,
  choices     TEXT NOT NULL,
  started_at  BIGINT NOT NULL,
  state       TEXT NOT NULL,
  problem     TEXT NOT NULL,
  holder      TEXT NOT NULL,
  token       BIGINT NOT NULL,
  lease_until BIGINT NOT NULL,
  stopping    BIGINT NOT NULL,
  done        BIGINT NOT NULL,
  total       BIGINT NOT NULL
);
CREATE INDEX console_run_owner ON console_run (owner, started_at);
CREATE TABLE console_journal (
  run   TEXT COLLATE "C" NOT NULL,
  part  BIGINT NOT NULL,
  lines BYTEA NOT NULL,
  PRIMARY KEY (run, part)
);
-- Whoever begins a run, or goes on with one, changes this row first: so they look at the others one after the other.
CREATE TABLE console_turn (
  id   BIGINT PRIMARY KEY,
  turn BIGINT NOT NULL
);
INSERT INTO console_turn (id, turn) VALUES (1, 0);
