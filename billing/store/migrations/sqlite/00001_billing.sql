-- +goose Up
CREATE TABLE offer (
  id       INTEGER PRIMARY KEY,
  code     TEXT NOT NULL UNIQUE,
  name     TEXT NOT NULL,
  currency TEXT NOT NULL CHECK (length(currency) = 3)
) STRICT;

CREATE TABLE envelope (
  id    INTEGER PRIMARY KEY CHECK (id > 0),
  code  TEXT NOT NULL UNIQUE,
  label TEXT NOT NULL
) STRICT;

CREATE TABLE client (
  id          TEXT PRIMARY KEY,
  name        TEXT NOT NULL,
  secret_hash BLOB NOT NULL,
  status      TEXT NOT NULL CHECK (status IN ('active', 'suspended')),
  expires     INTEGER NOT NULL,
  omniscient  INTEGER NOT NULL CHECK (omniscient IN (0, 1)),
  role        TEXT NOT NULL CHECK (role IN ('reader', 'writer', 'admin')),
  version     INTEGER NOT NULL,
  created_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE client_offer (
  client_id TEXT NOT NULL REFERENCES client (id) ON DELETE CASCADE,
  offer_id  INTEGER NOT NULL REFERENCES offer (id),
  PRIMARY KEY (client_id, offer_id)
) STRICT, WITHOUT ROWID;

-- num joins the tables, id is what the world sees. A term without an end has finish 2147483647.
CREATE TABLE subscription (
  num         INTEGER PRIMARY KEY,
  id          TEXT NOT NULL UNIQUE,
  offer_id    INTEGER NOT NULL REFERENCES offer (id),
  envelope_id INTEGER NOT NULL REFERENCES envelope (id),
  reference   TEXT NOT NULL,
  ref_norm    TEXT NOT NULL,
  ref_key     BLOB NOT NULL CHECK (length(ref_key) = 32),
  label       TEXT NOT NULL,
  label_norm  TEXT NOT NULL,
  periodicity TEXT NOT NULL CHECK (periodicity IN ('daily', 'weekly', 'monthly')),
  rule        TEXT NOT NULL CHECK (rule = 'onDate' OR (rule = 'daysOfMonth' AND periodicity = 'monthly')),
  anchor      INTEGER NOT NULL,
  anchor_day  INTEGER NOT NULL CHECK (anchor_day BETWEEN 1 AND 31),
  start       INTEGER NOT NULL CHECK (anchor <= start),
  finish      INTEGER NOT NULL CHECK (start < finish),
  amount      INTEGER NOT NULL CHECK (amount BETWEEN -1000000000000 AND 1000000000000),
  version     INTEGER NOT NULL CHECK (version > 0),
  created_by  TEXT NOT NULL,
  created_on  INTEGER NOT NULL,
  updated_on  INTEGER NOT NULL,
  created_at  INTEGER NOT NULL,
  updated_at  INTEGER NOT NULL
) STRICT;
CREATE INDEX subscription_natural ON subscription (offer_id, envelope_id, ref_key, start);
CREATE INDEX subscription_twins ON subscription (offer_id, envelope_id, periodicity, amount, start);
CREATE INDEX subscription_created ON subscription (created_at, id);
CREATE INDEX subscription_offer ON subscription (offer_id, created_at, id);
CREATE INDEX subscription_envelope ON subscription (envelope_id, created_at, id);

CREATE TABLE hold (
  subscription INTEGER NOT NULL REFERENCES subscription (num) ON DELETE CASCADE,
  start        INTEGER NOT NULL,
  finish       INTEGER NOT NULL CHECK (start < finish),
  id           TEXT NOT NULL,
  reason       TEXT NOT NULL,
  PRIMARY KEY (subscription, start)
) STRICT, WITHOUT ROWID;

CREATE TABLE revision (
  subscription INTEGER NOT NULL REFERENCES subscription (num) ON DELETE CASCADE,
  start        INTEGER NOT NULL,
  amount       INTEGER NOT NULL CHECK (amount BETWEEN -1000000000000 AND 1000000000000),
  PRIMARY KEY (subscription, start)
) STRICT, WITHOUT ROWID;

-- The tree in pre-order: a line's parent is the last line before it with a lesser depth. Amounts are on leaves only.
CREATE TABLE line (
  subscription INTEGER NOT NULL,
  revision     INTEGER NOT NULL,
  position     INTEGER NOT NULL,
  depth        INTEGER NOT NULL CHECK (depth BETWEEN 1 AND 8),
  label        TEXT NOT NULL,
  quantity     INTEGER NOT NULL,
  unit_price   INTEGER NOT NULL,
  amount       INTEGER NOT NULL CHECK (amount BETWEEN -1000000000000 AND 1000000000000),
  PRIMARY KEY (subscription, revision, position),
  FOREIGN KEY (subscription, revision) REFERENCES revision (subscription, start) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- The level of an offer has envelope_id 0. This order of the key keeps that level together.
CREATE TABLE cost_rollup (
  envelope_id INTEGER NOT NULL,
  offer_id    INTEGER NOT NULL,
  month       INTEGER NOT NULL,
  adjust      INTEGER NOT NULL,
  c0 INTEGER NOT NULL, c1 INTEGER NOT NULL, c2 INTEGER NOT NULL,
  c3 INTEGER NOT NULL, c4 INTEGER NOT NULL, c5 INTEGER NOT NULL,
  c6 INTEGER NOT NULL, c7 INTEGER NOT NULL, c8 INTEGER NOT NULL,
  PRIMARY KEY (envelope_id, offer_id, month),
  -- A sum below the least integer becomes a REAL, which is rounded to that integer and would then be taken.
  CHECK (min(adjust, c0, c1, c2, c3, c4, c5, c6, c7, c8) > -9223372036854775808)
) STRICT, WITHOUT ROWID;

CREATE TABLE suspect (
  id           TEXT PRIMARY KEY,
  offer_id     INTEGER NOT NULL REFERENCES offer (id),
  envelope_id  INTEGER NOT NULL REFERENCES envelope (id),
  subscription TEXT NOT NULL,
  twin         TEXT NOT NULL,
  similarity   INTEGER NOT NULL,
  found_at     INTEGER NOT NULL,
  decision     TEXT NOT NULL CHECK (decision IN ('open', 'keep', 'cancel')),
  decided_by   TEXT NOT NULL,
  decided_at   INTEGER NOT NULL,
  reason       TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX suspect_found ON suspect (found_at, id);
CREATE INDEX suspect_subscription ON suspect (subscription);
CREATE INDEX suspect_twin ON suspect (twin);

CREATE TABLE audit (
  number  INTEGER PRIMARY KEY AUTOINCREMENT,
  id      TEXT NOT NULL UNIQUE,
  at      INTEGER NOT NULL,
  client  TEXT NOT NULL,
  actor   TEXT NOT NULL,
  reason  TEXT NOT NULL,
  request TEXT NOT NULL,
  action  TEXT NOT NULL,
  kind    TEXT NOT NULL,
  thing   TEXT NOT NULL,
  before  TEXT NOT NULL,
  after   TEXT NOT NULL
) STRICT;
CREATE INDEX audit_thing ON audit (kind, thing, number);

-- Whoever sees an offer of an entry sees the entry; in_before and in_after say which of its documents name the offer.
CREATE TABLE audit_offer (
  offer_id  INTEGER NOT NULL REFERENCES offer (id),
  number    INTEGER NOT NULL REFERENCES audit (number),
  in_before INTEGER NOT NULL CHECK (in_before IN (0, 1)),
  in_after  INTEGER NOT NULL CHECK (in_after IN (0, 1)),
  PRIMARY KEY (offer_id, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX audit_offer_number ON audit_offer (number);

CREATE TABLE once (
  client     TEXT NOT NULL,
  route      TEXT NOT NULL,
  key        TEXT NOT NULL,
  body       BLOB NOT NULL CHECK (length(body) = 32),
  created_at INTEGER NOT NULL,
  status     INTEGER NOT NULL,
  header     TEXT NOT NULL,
  answer     BLOB NOT NULL,
  PRIMARY KEY (client, route, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX once_created ON once (client, created_at);
