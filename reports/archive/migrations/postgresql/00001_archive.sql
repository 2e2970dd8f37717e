-- +goose Up
CREATE TABLE archive_run (
  seq         BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id          TEXT COLLATE "C" NOT NULL UNIQUE,
  owner       TEXT COLLATE "C" NOT NULL,
  started_by  TEXT NOT NULL,
  partner     TEXT COLLATE "C" NOT NULL,
  contract    TEXT NOT NULL,
  mode        TEXT NOT NULL,
  offer       TEXT NOT NULL,
  verdict     TEXT NOT NULL,
  problem     TEXT NOT NULL,
  selection   TEXT NOT NULL,
  interrupted BIGINT NOT NULL,
  suite       TEXT NOT NULL,
  digest      TEXT NOT NULL,
  counts      TEXT NOT NULL,
  started_at  BIGINT NOT NULL,
  duration_ms BIGINT NOT NULL,
  review      TEXT NOT NULL,
  revision    BIGINT NOT NULL,
  bundle      BYTEA
);
CREATE INDEX archive_run_owner ON archive_run (owner, seq);
CREATE INDEX archive_run_partner ON archive_run (partner, seq);
