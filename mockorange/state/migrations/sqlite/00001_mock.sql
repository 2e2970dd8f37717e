-- +goose Up
-- One row: the numbers that all who share the mock agree on. Whoever changes last holds the row until the commit, so
-- that entries are committed in the order of their numbers.
CREATE TABLE mock_state (
  id         INTEGER PRIMARY KEY CHECK (id = 1),
  journal    TEXT NOT NULL,              -- names the journal
  last       INTEGER NOT NULL DEFAULT 0, -- number of the newest entry ever
  first      INTEGER NOT NULL DEFAULT 0, -- number before the oldest entry kept
  dropped    INTEGER NOT NULL DEFAULT 0, -- number of the newest entry dropped for want of room
  bytes      INTEGER NOT NULL DEFAULT 0, -- of all entries kept
  faults     INTEGER NOT NULL DEFAULT 0, -- number of the newest fault ever
  generation INTEGER NOT NULL DEFAULT 0, -- grows with each change of applications, faults and expiry
  expired    INTEGER NOT NULL DEFAULT 0  -- Unix nanoseconds; tokens issued before are over
) STRICT;

CREATE TABLE mock_journal (
  seq   INTEGER PRIMARY KEY,
  at    INTEGER NOT NULL, -- Unix milliseconds
  entry BLOB NOT NULL     -- as JSON
) STRICT;

-- Entries that are stored, and whose answers have not been written yet: neither they nor what follows is shown.
CREATE TABLE mock_unseen (
  seq    INTEGER PRIMARY KEY,
  writer INTEGER NOT NULL, -- the process that answers
  at     INTEGER NOT NULL  -- Unix milliseconds
) STRICT;

CREATE TABLE mock_applications (
  id        TEXT PRIMARY KEY,
  name      TEXT NOT NULL,
  digest    BLOB NOT NULL,    -- SHA-256 of the secret
  former    BLOB NOT NULL,    -- those of its earlier secrets, one after the other
  offers    TEXT NOT NULL,    -- JSON array
  removed   INTEGER NOT NULL,
  temporary INTEGER NOT NULL  -- until the next reset
) STRICT, WITHOUT ROWID;

CREATE TABLE mock_faults (
  num   INTEGER PRIMARY KEY,
  spec  TEXT NOT NULL,    -- JSON
  acted INTEGER NOT NULL, -- calls that it acted on
  since INTEGER NOT NULL  -- Unix nanoseconds of the first of them; 0 is never
) STRICT;

CREATE TABLE mock_token_requests (
  application TEXT PRIMARY KEY,
  calls       TEXT NOT NULL -- JSON array of Unix nanoseconds
) STRICT, WITHOUT ROWID;
