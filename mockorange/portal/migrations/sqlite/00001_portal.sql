-- +goose Up
CREATE TABLE portal_account (
  id              TEXT PRIMARY KEY,
  email           TEXT NOT NULL UNIQUE,
  name            TEXT NOT NULL,
  company         TEXT NOT NULL,
  lang            TEXT NOT NULL,
  password        TEXT NOT NULL,
  active          INTEGER NOT NULL,
  activation      BLOB UNIQUE,
  activation_ends INTEGER NOT NULL,
  created_at      INTEGER NOT NULL
) STRICT;

CREATE TABLE portal_session (
  digest     BLOB PRIMARY KEY,
  account_id TEXT NOT NULL REFERENCES portal_account (id) ON DELETE CASCADE,
  ends       INTEGER NOT NULL
) STRICT;

CREATE TABLE portal_application (
  id         TEXT PRIMARY KEY,
  account_id TEXT NOT NULL REFERENCES portal_account (id) ON DELETE CASCADE,
  name       TEXT NOT NULL,
  client_id  TEXT NOT NULL UNIQUE,
  secret     BLOB NOT NULL,
  secret_at  INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  UNIQUE (account_id, name)
) STRICT;

CREATE TABLE portal_subscription (
  id             TEXT PRIMARY KEY,
  application_id TEXT NOT NULL REFERENCES portal_application (id) ON DELETE CASCADE,
  offer          TEXT NOT NULL,
  state          TEXT NOT NULL,
  reason         TEXT NOT NULL DEFAULT '',
  requested_at   INTEGER NOT NULL,
  decided_at     INTEGER NOT NULL DEFAULT 0,
  decided_by     TEXT NOT NULL DEFAULT '',
  terms_version  TEXT NOT NULL DEFAULT '',
  terms_at       INTEGER NOT NULL DEFAULT 0,
  configured_at  INTEGER NOT NULL DEFAULT 0,
  contract       TEXT NOT NULL DEFAULT '',
  base_url       TEXT NOT NULL DEFAULT '',
  auth_type      TEXT NOT NULL DEFAULT '',
  auth_name      TEXT NOT NULL DEFAULT '',
  auth_secret    TEXT NOT NULL DEFAULT '',
  UNIQUE (application_id, offer)
) STRICT;
CREATE INDEX portal_subscription_state ON portal_subscription (state, requested_at);

CREATE TABLE portal_invitation (
  email       TEXT NOT NULL,
  offer       TEXT NOT NULL,
  token       BLOB UNIQUE,
  ends        INTEGER NOT NULL,
  sent_at     INTEGER NOT NULL,
  sent_by     TEXT NOT NULL,
  account_id  TEXT REFERENCES portal_account (id) ON DELETE CASCADE,
  accepted_at INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (email, offer)
) STRICT;

CREATE TABLE portal_mail (
  seq       INTEGER PRIMARY KEY AUTOINCREMENT,
  at        INTEGER NOT NULL,
  recipient TEXT NOT NULL,
  kind      TEXT NOT NULL,
  lang      TEXT NOT NULL,
  subject   TEXT NOT NULL,
  body      TEXT NOT NULL,
  link      TEXT NOT NULL
) STRICT;

CREATE TABLE portal_act (
  seq     INTEGER PRIMARY KEY AUTOINCREMENT,
  at      INTEGER NOT NULL,
  subject TEXT NOT NULL,
  who     TEXT NOT NULL,
  act     TEXT NOT NULL,
  reason  TEXT NOT NULL
) STRICT;
CREATE INDEX portal_act_subject ON portal_act (subject, seq);

CREATE TABLE portal_run (
  seq        INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id TEXT NOT NULL REFERENCES portal_account (id) ON DELETE CASCADE,
  step       INTEGER NOT NULL,
  posted_at  INTEGER NOT NULL,
  posted_by  TEXT NOT NULL,
  summary    TEXT NOT NULL
) STRICT;
CREATE INDEX portal_run_account ON portal_run (account_id, seq);
