-- +goose Up
-- Days count from 1970-01-01, months are year*12 + month - 1, as in billing.

-- The one row of the calendar: where it stands (NULL follows the system's date), up to which day periods are closed, and
-- how much of which journal has been read.
CREATE TABLE ledger_clock (
  id      BIGINT PRIMARY KEY CHECK (id = 1),
  day     BIGINT,
  reached BIGINT,
  journal TEXT COLLATE "C" NOT NULL DEFAULT '',
  seen    BIGINT NOT NULL DEFAULT 0
);
INSERT INTO ledger_clock (id) VALUES (1);

CREATE TABLE ledger_offering (
  code        TEXT COLLATE "C" PRIMARY KEY,
  name        TEXT COLLATE "C" NOT NULL,
  currency    TEXT COLLATE "C" NOT NULL DEFAULT '',
  periodicity TEXT COLLATE "C" NOT NULL DEFAULT ''
);

-- A price holds from a day on, for a licence and a period, in millionths.
CREATE TABLE ledger_price (
  offering TEXT COLLATE "C" NOT NULL REFERENCES ledger_offering (code),
  day      BIGINT NOT NULL,
  price    BIGINT NOT NULL,
  PRIMARY KEY (offering, day)
);

CREATE TABLE ledger_customer (
  num       BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  reference TEXT COLLATE "C" NOT NULL UNIQUE,
  envelope  TEXT COLLATE "C" NOT NULL UNIQUE,
  name      TEXT COLLATE "C" NOT NULL,
  country   TEXT COLLATE "C" NOT NULL,
  offering  TEXT COLLATE "C" NOT NULL,
  since     BIGINT NOT NULL
);

CREATE TABLE ledger_fleet (
  customer BIGINT NOT NULL REFERENCES ledger_customer (num),
  fleet    TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (fleet, customer)
);

CREATE TABLE ledger_order (
  seq       BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind      TEXT COLLATE "C" NOT NULL,
  reference TEXT COLLATE "C" NOT NULL,
  customer  BIGINT REFERENCES ledger_customer (num),
  day       BIGINT NOT NULL,
  body      BYTEA NOT NULL,
  told      TEXT COLLATE "C" NOT NULL,
  state     TEXT COLLATE "C" NOT NULL,
  notes     TEXT COLLATE "C" NOT NULL DEFAULT '[]',
  UNIQUE (kind, reference)
);
CREATE INDEX ledger_order_customer ON ledger_order (customer, seq);

-- Only licences that an update has named; the others are known by their number alone.
CREATE TABLE ledger_licence (
  customer BIGINT NOT NULL REFERENCES ledger_customer (num),
  licence  TEXT COLLATE "C" NOT NULL,
  fleet    TEXT COLLATE "C" NOT NULL,
  offering TEXT COLLATE "C" NOT NULL,
  state    TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (licence, customer)
);
CREATE INDEX ledger_licence_fleet ON ledger_licence (customer, fleet, offering);

-- How many licences a fleet holds of an offering from a day on.
CREATE TABLE ledger_position (
  customer  BIGINT NOT NULL REFERENCES ledger_customer (num),
  fleet     TEXT COLLATE "C" NOT NULL,
  offering  TEXT COLLATE "C" NOT NULL,
  day       BIGINT NOT NULL,
  active    BIGINT NOT NULL CHECK (active >= 0),
  suspended BIGINT NOT NULL CHECK (suspended >= 0),
  PRIMARY KEY (customer, fleet, offering, day)
);
CREATE INDEX ledger_position_offering ON ledger_position (offering, customer);

-- The subscription that bills a position now.
CREATE TABLE ledger_subscription (
  customer     BIGINT NOT NULL REFERENCES ledger_customer (num),
  fleet        TEXT COLLATE "C" NOT NULL,
  offering     TEXT COLLATE "C" NOT NULL,
  subscription TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (customer, fleet, offering)
);

-- What has been billed: the documents of a part of a month are there.
CREATE TABLE ledger_closing (
  customer BIGINT NOT NULL REFERENCES ledger_customer (num),
  month    BIGINT NOT NULL,
  part     TEXT COLLATE "C" NOT NULL,
  amounts  TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (customer, month, part)
);
