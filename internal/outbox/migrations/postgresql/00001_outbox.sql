-- +goose Up
CREATE TABLE outbox (
  seq      BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  queue    TEXT COLLATE "C" NOT NULL,
  id       TEXT COLLATE "C" NOT NULL,
  lane     TEXT COLLATE "C" NOT NULL,
  body     BYTEA NOT NULL,
  due_at   BIGINT NOT NULL,
  since    BIGINT NOT NULL,
  attempts BIGINT NOT NULL DEFAULT 0,
  token    BIGINT NOT NULL DEFAULT 0,
  parked   TEXT,
  UNIQUE (queue, id)
);

-- What is parked is in nobody's way, and in no index that is read to find work.
CREATE INDEX outbox_due ON outbox (queue, due_at) WHERE parked IS NULL;
CREATE INDEX outbox_lane ON outbox (queue, lane, seq) WHERE parked IS NULL;
CREATE INDEX outbox_parked ON outbox (queue, seq) WHERE parked IS NOT NULL;
