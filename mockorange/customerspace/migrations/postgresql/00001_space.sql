-- +goose Up
-- Text is compared by code point, as SQLite does.
-- num makes the id that the world sees: OCB and seven digits. reference is the key of whoever puts contracts here; those
-- made through the API have none.
CREATE TABLE space_contract (
  num             BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  reference       TEXT COLLATE "C" UNIQUE,
  name            TEXT COLLATE "C" NOT NULL,
  type            TEXT COLLATE "C" NOT NULL,
  platform        TEXT COLLATE "C" NOT NULL,
  billing_account TEXT COLLATE "C" NOT NULL,
  offer           TEXT COLLATE "C" NOT NULL,
  offer_name      TEXT COLLATE "C" NOT NULL,
  customer        TEXT COLLATE "C" NOT NULL,
  customer_name   TEXT COLLATE "C" NOT NULL,
  segment         TEXT COLLATE "C" NOT NULL,
  title           TEXT COLLATE "C" NOT NULL,
  first_name      TEXT COLLATE "C" NOT NULL,
  last_name       TEXT COLLATE "C" NOT NULL,
  email           TEXT COLLATE "C" NOT NULL,
  fix_phone       TEXT COLLATE "C" NOT NULL,
  mobile_phone    TEXT COLLATE "C" NOT NULL,
  support_level   TEXT COLLATE "C" NOT NULL,
  ext1            TEXT COLLATE "C" NOT NULL,
  ext2            TEXT COLLATE "C" NOT NULL,
  ext3            TEXT COLLATE "C" NOT NULL,
  created_at      BIGINT NOT NULL,
  updated_at      BIGINT NOT NULL
);
CREATE INDEX space_contract_account ON space_contract (billing_account, offer);

-- A person that is declared on a contract; login_key is the login in lower case. A client account sees the contracts
-- that its login is declared on, and changes those where it is a manager.
CREATE TABLE space_user (
  contract     BIGINT NOT NULL REFERENCES space_contract (num),
  login_key    TEXT COLLATE "C" NOT NULL,
  login        TEXT COLLATE "C" NOT NULL,
  civility     TEXT COLLATE "C" NOT NULL,
  first_name   TEXT COLLATE "C" NOT NULL,
  last_name    TEXT COLLATE "C" NOT NULL,
  email        TEXT COLLATE "C" NOT NULL,
  fix_phone    TEXT COLLATE "C" NOT NULL,
  mobile_phone TEXT COLLATE "C" NOT NULL,
  manager      BIGINT NOT NULL CHECK (manager IN (0, 1)),
  PRIMARY KEY (contract, login_key)
);
CREATE INDEX space_user_login ON space_user (login_key);

CREATE TABLE space_document (
  num        BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id         TEXT COLLATE "C" NOT NULL UNIQUE,
  reference  TEXT COLLATE "C" NOT NULL UNIQUE,
  contract   BIGINT NOT NULL REFERENCES space_contract (num),
  type       TEXT COLLATE "C" NOT NULL,
  filename   TEXT COLLATE "C" NOT NULL,
  period     TEXT COLLATE "C" NOT NULL CHECK (length(period) = 6),
  amount     BIGINT NOT NULL,
  currency   TEXT COLLATE "C" NOT NULL CHECK (length(currency) = 3),
  digest     BYTEA NOT NULL CHECK (octet_length(digest) = 32),
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);
CREATE INDEX space_document_contract ON space_document (contract, period, created_at, num);

-- Apart from the document, so that a list of documents reads no file.
CREATE TABLE space_content (
  document BIGINT PRIMARY KEY REFERENCES space_document (num),
  bytes    BYTEA NOT NULL
);

-- blocked_at and revoked_at are 0 until it happens.
CREATE TABLE space_account (
  id         TEXT COLLATE "C" PRIMARY KEY,
  type       TEXT COLLATE "C" NOT NULL CHECK (type IN ('client', 'administrator')),
  login_key  TEXT COLLATE "C" NOT NULL UNIQUE,
  login      TEXT COLLATE "C" NOT NULL,
  email      TEXT COLLATE "C" NOT NULL,
  created_at BIGINT NOT NULL,
  blocked_at BIGINT NOT NULL
);

CREATE TABLE space_perimeter (
  account TEXT COLLATE "C" NOT NULL REFERENCES space_account (id),
  kind    TEXT COLLATE "C" NOT NULL CHECK (kind IN ('billingAccount', 'offer')),
  value   TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (account, kind, value)
);

-- digest is the SHA-256 of the key, which is kept nowhere.
CREATE TABLE space_key (
  id         TEXT COLLATE "C" PRIMARY KEY,
  account    TEXT COLLATE "C" NOT NULL REFERENCES space_account (id),
  digest     BYTEA NOT NULL UNIQUE CHECK (octet_length(digest) = 32),
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  revoked_at BIGINT NOT NULL
);
CREATE INDEX space_key_account ON space_key (account);
