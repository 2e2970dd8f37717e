-- +goose Up
-- Text is compared by code point, as SQLite does. The extension comes with PostgreSQL, and is trusted.
CREATE EXTENSION IF NOT EXISTS btree_gist;

CREATE TABLE offer (
  id       BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  code     TEXT COLLATE "C" NOT NULL UNIQUE,
  name     TEXT COLLATE "C" NOT NULL,
  currency TEXT COLLATE "C" NOT NULL CHECK (length(currency) = 3)
);

CREATE TABLE envelope (
  id    BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY CHECK (id > 0),
  code  TEXT COLLATE "C" NOT NULL UNIQUE,
  label TEXT COLLATE "C" NOT NULL
);

CREATE TABLE client (
  id          TEXT COLLATE "C" PRIMARY KEY,
  name        TEXT COLLATE "C" NOT NULL,
  secret_hash BYTEA NOT NULL,
  status      TEXT COLLATE "C" NOT NULL CHECK (status IN ('active', 'suspended')),
  expires     BIGINT NOT NULL,
  omniscient  BIGINT NOT NULL CHECK (omniscient IN (0, 1)),
  role        TEXT COLLATE "C" NOT NULL CHECK (role IN ('reader', 'writer', 'admin')),
  version     BIGINT NOT NULL,
  created_at  BIGINT NOT NULL
);

CREATE TABLE client_offer (
  client_id TEXT COLLATE "C" NOT NULL REFERENCES client (id) ON DELETE CASCADE,
  offer_id  BIGINT NOT NULL REFERENCES offer (id),
  PRIMARY KEY (client_id, offer_id)
);

-- num joins the tables, id is what the world sees. A term without an end has finish 2147483647.
CREATE TABLE subscription (
  num         BIGINT PRIMARY KEY,
  id          TEXT COLLATE "C" NOT NULL UNIQUE,
  offer_id    BIGINT NOT NULL REFERENCES offer (id),
  envelope_id BIGINT NOT NULL REFERENCES envelope (id),
  reference   TEXT COLLATE "C" NOT NULL,
  ref_norm    TEXT COLLATE "C" NOT NULL,
  ref_key     BYTEA NOT NULL CHECK (octet_length(ref_key) = 32),
  label       TEXT COLLATE "C" NOT NULL,
  label_norm  TEXT COLLATE "C" NOT NULL,
  periodicity TEXT COLLATE "C" NOT NULL CHECK (periodicity IN ('daily', 'weekly', 'monthly')),
  rule        TEXT COLLATE "C" NOT NULL CHECK (rule = 'onDate' OR (rule = 'daysOfMonth' AND periodicity = 'monthly')),
  anchor      BIGINT NOT NULL,
  anchor_day  BIGINT NOT NULL CHECK (anchor_day BETWEEN 1 AND 31),
  start       BIGINT NOT NULL CHECK (anchor <= start),
  finish      BIGINT NOT NULL CHECK (start < finish),
  amount      BIGINT NOT NULL CHECK (amount BETWEEN -1000000000000 AND 1000000000000),
  version     BIGINT NOT NULL CHECK (version > 0),
  created_by  TEXT COLLATE "C" NOT NULL,
  created_on  BIGINT NOT NULL,
  updated_on  BIGINT NOT NULL,
  created_at  BIGINT NOT NULL,
  updated_at  BIGINT NOT NULL,
  -- The last guard against two subscriptions of one natural key on one day, whoever writes.
  CONSTRAINT subscription_natural EXCLUDE USING gist (
    offer_id WITH =, envelope_id WITH =, ref_key WITH =, int8range(start, finish) WITH &&
  )
);
CREATE SEQUENCE subscription_num AS BIGINT OWNED BY subscription.num;
CREATE INDEX subscription_twins ON subscription (offer_id, envelope_id, periodicity, amount, start);
CREATE INDEX subscription_created ON subscription (created_at, id);
CREATE INDEX subscription_offer ON subscription (offer_id, created_at, id);
CREATE INDEX subscription_envelope ON subscription (envelope_id, created_at, id);

CREATE TABLE hold (
  subscription BIGINT NOT NULL REFERENCES subscription (num) ON DELETE CASCADE,
  start        BIGINT NOT NULL,
  finish       BIGINT NOT NULL CHECK (start < finish),
  id           TEXT COLLATE "C" NOT NULL,
  reason       TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (subscription, start)
);

CREATE TABLE revision (
  subscription BIGINT NOT NULL REFERENCES subscription (num) ON DELETE CASCADE,
  start        BIGINT NOT NULL,
  amount       BIGINT NOT NULL CHECK (amount BETWEEN -1000000000000 AND 1000000000000),
  PRIMARY KEY (subscription, start)
);

-- The tree in pre-order: a line's parent is the last line before it with a lesser depth. Amounts are on leaves only.
CREATE TABLE line (
  subscription BIGINT NOT NULL,
  revision     BIGINT NOT NULL,
  position     BIGINT NOT NULL,
  depth        BIGINT NOT NULL CHECK (depth BETWEEN 1 AND 8),
  label        TEXT COLLATE "C" NOT NULL,
  quantity     BIGINT NOT NULL,
  unit_price   BIGINT NOT NULL,
  amount       BIGINT NOT NULL CHECK (amount BETWEEN -1000000000000 AND 1000000000000),
  PRIMARY KEY (subscription, revision, position),
  FOREIGN KEY (subscription, revision) REFERENCES revision (subscription, start) ON DELETE CASCADE
);

-- The level of an offer has envelope_id 0. This order of the key keeps that level together.
CREATE TABLE cost_rollup (
  envelope_id BIGINT NOT NULL,
  offer_id    BIGINT NOT NULL,
  month       BIGINT NOT NULL,
  adjust      BIGINT NOT NULL,
  c0 BIGINT NOT NULL, c1 BIGINT NOT NULL, c2 BIGINT NOT NULL,
  c3 BIGINT NOT NULL, c4 BIGINT NOT NULL, c5 BIGINT NOT NULL,
  c6 BIGINT NOT NULL, c7 BIGINT NOT NULL, c8 BIGINT NOT NULL,
  PRIMARY KEY (envelope_id, offer_id, month)
) WITH (fillfactor = 80);

CREATE TABLE suspect (
  id           TEXT COLLATE "C" PRIMARY KEY,
  offer_id     BIGINT NOT NULL REFERENCES offer (id),
  envelope_id  BIGINT NOT NULL REFERENCES envelope (id),
  subscription TEXT COLLATE "C" NOT NULL,
  twin         TEXT COLLATE "C" NOT NULL,
  similarity   BIGINT NOT NULL,
  found_at     BIGINT NOT NULL,
  decision     TEXT COLLATE "C" NOT NULL CHECK (decision IN ('open', 'keep', 'cancel')),
  decided_by   TEXT COLLATE "C" NOT NULL,
  decided_at   BIGINT NOT NULL,
  reason       TEXT COLLATE "C" NOT NULL
);
CREATE INDEX suspect_found ON suspect (found_at, id);
CREATE INDEX suspect_subscription ON suspect (subscription);
CREATE INDEX suspect_twin ON suspect (twin);

CREATE TABLE audit (
  number  BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id      TEXT COLLATE "C" NOT NULL UNIQUE,
  at      BIGINT NOT NULL,
  client  TEXT COLLATE "C" NOT NULL,
  actor   TEXT COLLATE "C" NOT NULL,
  reason  TEXT COLLATE "C" NOT NULL,
  request TEXT COLLATE "C" NOT NULL,
  action  TEXT COLLATE "C" NOT NULL,
  kind    TEXT COLLATE "C" NOT NULL,
  thing   TEXT COLLATE "C" NOT NULL,
  before  TEXT COLLATE "C" NOT NULL,
  after   TEXT COLLATE "C" NOT NULL
);
CREATE INDEX audit_thing ON audit (kind, thing, number);

-- Whoever sees an offer of an entry sees the entry; in_before and in_after say which of its documents name the offer.
CREATE TABLE audit_offer (
  offer_id  BIGINT NOT NULL REFERENCES offer (id),
  number    BIGINT NOT NULL REFERENCES audit (number),
  in_before BIGINT NOT NULL CHECK (in_before IN (0, 1)),
  in_after  BIGINT NOT NULL CHECK (in_after IN (0, 1)),
  PRIMARY KEY (offer_id, number)
);
CREATE INDEX audit_offer_number ON audit_offer (number);

CREATE TABLE once (
  client     TEXT COLLATE "C" NOT NULL,
  route      TEXT COLLATE "C" NOT NULL,
  key        TEXT COLLATE "C" NOT NULL,
  body       BYTEA NOT NULL CHECK (octet_length(body) = 32),
  created_at BIGINT NOT NULL,
  status     BIGINT NOT NULL,
  header     TEXT COLLATE "C" NOT NULL,
  answer     BYTEA NOT NULL,
  PRIMARY KEY (client, route, key)
);
CREATE INDEX once_created ON once (client, created_at);
