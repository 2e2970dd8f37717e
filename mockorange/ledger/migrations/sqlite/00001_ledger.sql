-- +goose Up
-- Days count from 1970-01-01, months are year*12 + month - 1, as in billing.

-- The one row of the calendar: where it stands (NULL follows the system's date), up to which day periods are closed, and
-- how much of which journal has been read.
CREATE TABLE ledger_clock (
  id      INTEGER PRIMARY KEY CHECK (id = 1),
  day     INTEGER,
  reached INTEGER,
  journal TEXT NOT NULL DEFAULT '',
  seen    INTEGER NOT NULL DEFAULT 0
) STRICT;
INSERT INTO ledger_clock (id) VALUES (1);

CREATE TABLE ledger_offering (
  code        TEXT PRIMARY KEY,
  name        TEXT NOT NULL,
  currency    TEXT NOT NULL DEFAULT '',
  periodicity TEXT NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID;

-- A price holds from a day on, for a licence and a period, in millionths.
CREATE TABLE ledger_price (
  offering TEXT NOT NULL REFERENCES ledger_offering (code),
  day      INTEGER NOT NULL,
  price    INTEGER NOT NULL,
  PRIMARY KEY (offering, day)
) STRICT, WITHOUT ROWID;

CREATE TABLE ledger_customer (
  num       INTEGER PRIMARY KEY AUTOINCREMENT,
  reference TEXT NOT NULL UNIQUE,
  envelope  TEXT NOT NULL UNIQUE,
  name      TEXT NOT NULL,
  country   TEXT NOT NULL,
  offering  TEXT NOT NULL,
  since     INTEGER NOT NULL
) STRICT;

CREATE TABLE ledger_fleet (
  customer INTEGER NOT NULL REFERENCES ledger_customer (num),
  fleet    TEXT NOT NULL,
  PRIMARY KEY (fleet, customer)
) STRICT, WITHOUT ROWID;

CREATE TABLE ledger_order (
  seq       INTEGER PRIMARY KEY AUTOINCREMENT,
  kind      TEXT NOT NULL,
  reference TEXT NOT NULL,
  customer  INTEGER REFERENCES ledger_customer (num),
  day       INTEGER NOT NULL,
  body      BLOB NOT NULL,
  told      TEXT NOT NULL,
  state     TEXT NOT NULL,
  notes     TEXT NOT NULL DEFAULT '[]',
  UNIQUE (kind, reference)
) STRICT;
CREATE INDEX ledger_order_customer ON ledger_order (customer, seq);

-- Only licences that an update has named; the others are known by their number alone.
CREATE TABLE ledger_licence (
  customer INTEGER NOT NULL REFERENCES ledger_customer (num),
  licence  TEXT NOT NULL,
  fleet    TEXT NOT NULL,
  offering TEXT NOT NULL,
  state    TEXT NOT NULL,
  PRIMARY KEY (licence, customer)
) STRICT, WITHOUT ROWID;
CREATE INDEX ledger_licence_fleet ON ledger_licence (customer, fleet, offering);

-- How many licences a fleet holds of an offering from a day on.
CREATE TABLE ledger_position (
  customer  INTEGER NOT NULL REFERENCES ledger_customer (num),
  fleet     TEXT NOT NULL,
  offering  TEXT NOT NULL,
  day       INTEGER NOT NULL,
  active    INTEGER NOT NULL CHECK (active >= 0),
  suspended INTEGER NOT NULL CHECK (suspended >= 0),
  PRIMARY KEY (customer, fleet, offering, day)
) STRICT, WITHOUT ROWID;
CREATE INDEX ledger_position_offering ON ledger_position (offering, customer);

-- The subscription that bills a position now.
CREATE TABLE ledger_subscription (
  customer     INTEGER NOT NULL REFERENCES ledger_customer (num),
  fleet        TEXT NOT NULL,
  offering     TEXT NOT NULL,
  subscription TEXT NOT NULL,
  PRIMARY KEY (customer, fleet, offering)
) STRICT, WITHOUT ROWID;

-- What has been billed: the documents of a part of a month are there.
CREATE TABLE ledger_closing (
  customer INTEGER NOT NULL REFERENCES ledger_customer (num),
  month    INTEGER NOT NULL,
  part     TEXT NOT NULL,
  amounts  TEXT NOT NULL,
  PRIMARY KEY (customer, month, part)
) STRICT, WITHOUT ROWID;
