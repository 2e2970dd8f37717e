-- +goose Up
-- num makes the id that the world sees: OCB and seven digits. reference is the key of whoever puts contracts here; those
-- made through the API have none.
CREATE TABLE space_contract (
  num             INTEGER PRIMARY KEY AUTOINCREMENT,
  reference       TEXT UNIQUE,
  name            TEXT NOT NULL,
  type            TEXT NOT NULL,
  platform        TEXT NOT NULL,
  billing_account TEXT NOT NULL,
  offer           TEXT NOT NULL,
  offer_name      TEXT NOT NULL,
  customer        TEXT NOT NULL,
  customer_name   TEXT NOT NULL,
  segment         TEXT NOT NULL,
  title           TEXT NOT NULL,
  first_name      TEXT NOT NULL,
  last_name       TEXT NOT NULL,
  email           TEXT NOT NULL,
  fix_phone       TEXT NOT NULL,
  mobile_phone    TEXT NOT NULL,
  support_level   TEXT NOT NULL,
  ext1            TEXT NOT NULL,
  ext2            TEXT NOT NULL,
  ext3            TEXT NOT NULL,
  created_at      INTEGER NOT NULL,
  updated_at      INTEGER NOT NULL
) STRICT;
CREATE INDEX space_contract_account ON space_contract (billing_account, offer);

-- A person that is declared on a contract; login_key is the login in lower case. A client account sees the contracts
-- that its login is declared on, and changes those where it is a manager.
CREATE TABLE space_user (
  contract     INTEGER NOT NULL REFERENCES space_contract (num),
  login_key    TEXT NOT NULL,
  login        TEXT NOT NULL,
  civility     TEXT NOT NULL,
  first_name   TEXT NOT NULL,
  last_name    TEXT NOT NULL,
  email        TEXT NOT NULL,
  fix_phone    TEXT NOT NULL,
  mobile_phone TEXT NOT NULL,
  manager      INTEGER NOT NULL CHECK (manager IN (0, 1)),
  PRIMARY KEY (contract, login_key)
) STRICT, WITHOUT ROWID;
CREATE INDEX space_user_login ON space_user (login_key);

CREATE TABLE space_document (
  num        INTEGER PRIMARY KEY AUTOINCREMENT,
  id         TEXT NOT NULL UNIQUE,
  reference  TEXT NOT NULL UNIQUE,
  contract   INTEGER NOT NULL REFERENCES space_contract (num),
  type       TEXT NOT NULL,
  filename   TEXT NOT NULL,
  period     TEXT NOT NULL CHECK (length(period) = 6),
  amount     INTEGER NOT NULL,
  currency   TEXT NOT NULL CHECK (length(currency) = 3),
  digest     BLOB NOT NULL CHECK (length(digest) = 32),
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX space_document_contract ON space_document (contract, period, created_at, num);

-- Apart from the document, so that a list of documents reads no file.
CREATE TABLE space_content (
  document INTEGER PRIMARY KEY REFERENCES space_document (num),
  bytes    BLOB NOT NULL
) STRICT;

-- blocked_at and revoked_at are 0 until it happens.
CREATE TABLE space_account (
  id         TEXT PRIMARY KEY,
  type       TEXT NOT NULL CHECK (type IN ('client', 'administrator')),
  login_key  TEXT NOT NULL UNIQUE,
  login      TEXT NOT NULL,
  email      TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  blocked_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE space_perimeter (
  account TEXT NOT NULL REFERENCES space_account (id),
  kind    TEXT NOT NULL CHECK (kind IN ('billingAccount', 'offer')),
  value   TEXT NOT NULL,
  PRIMARY KEY (account, kind, value)
) STRICT, WITHOUT ROWID;

-- digest is the SHA-256 of the key, which is kept nowhere.
CREATE TABLE space_key (
  id         TEXT PRIMARY KEY,
  account    TEXT NOT NULL REFERENCES space_account (id),
  digest     BLOB NOT NULL UNIQUE CHECK (length(digest) = 32),
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  revoked_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX space_key_account ON space_key (account);
