-- +goose Up
-- One row: the numbers that all who share the mock agree on. Whoever changes last holds the row until the commit, so
-- that entries are committed in the order of their numbers.
CREATE TABLE mock_state (
  id         BIGINT PRIMARY KEY CHECK (id = 1),
  journal    TEXT NOT NULL,              -- names the journal
  last       BIGINT NOT NULL DEFAULT 0, -- number of the newest entry ever
  first      BIGINT NOT NULL DEFAULT 0, -- number before the oldest entry kept
  dropped    BIGINT NOT NULL DEFAULT 0, -- number of the newest entry dropped for want of room
  bytes      BIGINT NOT NULL DEFAULT 0, -- of all entries kept
  faults     BIGINT NOT NULL DEFAULT 0, -- number of the newest fault ever
  generation BIGINT NOT NULL DEFAULT 0, -- grows with each change of applications, faults and expiry
  expired    BIGINT NOT NULL DEFAULT 0  -- Unix nanoseconds; tokens issued before are over
);

CREATE TABLE mock_journal (
  seq   BIGINT PRIMARY KEY,
  at    BIGINT NOT NULL, -- Unix milliseconds
  entry BYTEA NOT NULL     -- as JSON
);

-- Entries that are stored, and whose answers have not been written yet: neither they nor what follows is shown.
CREATE TABLE mock_unseen (
  seq    BIGINT PRIMARY KEY,
  writer BIGINT NOT NULL, -- the process that answers
  at     BIGINT NOT NULL  -- Unix milliseconds
);

CREATE TABLE mock_applications (
  id        TEXT COLLATE "C" PRIMARY KEY,
  name      TEXT NOT NULL,
  digest    BYTEA NOT NULL,    -- SHA-256 of the secret
  former    BYTEA NOT NULL,    -- those of its earlier secrets, one after the other
  offers    TEXT NOT NULL,    -- JSON array
  removed   BIGINT NOT NULL,
  temporary BIGINT NOT NULL  -- until the next reset
);

CREATE TABLE mock_faults (
  num   BIGINT PRIMARY KEY,
  spec  TEXT NOT NULL,    -- JSON
  acted BIGINT NOT NULL, -- calls that it acted on
  since BIGINT NOT NULL  -- Unix nanoseconds of the first of them; 0 is never
);

CREATE TABLE mock_token_requests (
  application TEXT COLLATE "C" PRIMARY KEY,
  calls       TEXT NOT NULL -- JSON array of Unix nanoseconds
);
