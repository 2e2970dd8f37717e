-- +goose Up
CREATE TABLE portal_account (
  id              TEXT COLLATE "C" PRIMARY KEY,
  email           TEXT NOT NULL UNIQUE,
  name            TEXT NOT NULL,
  company         TEXT NOT NULL,
  lang            TEXT NOT NULL,
  password        TEXT NOT NULL,
  active          BIGINT NOT NULL,
  activation      BYTEA UNIQUE,
  activation_ends BIGINT NOT NULL,
  created_at      BIGINT NOT NULL
);

CREATE TABLE portal_session (
  digest     BYTEA PRIMARY KEY,
  account_id TEXT NOT NULL REFERENCES portal_account (id) ON DELETE CASCADE,
  ends       BIGINT NOT NULL
);

CREATE TABLE portal_application (
  id         TEXT COLLATE "C" PRIMARY KEY,
  account_id TEXT NOT NULL REFERENCES portal_account (id) ON DELETE CASCADE,
  name       TEXT NOT NULL,
  client_id  TEXT NOT NULL UNIQUE,
  secret     BYTEA NOT NULL,
  secret_at  BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  UNIQUE (account_id, name)
);

CREATE TABLE portal_subscription (
  id             TEXT COLLATE "C" PRIMARY KEY,
  application_id TEXT NOT NULL REFERENCES portal_application (id) ON DELETE CASCADE,
  offer          TEXT NOT NULL,
  state          TEXT NOT NULL,
  reason         TEXT NOT NULL DEFAULT '',
  requested_at   BIGINT NOT NULL,
  decided_at     BIGINT NOT NULL DEFAULT 0,
  decided_by     TEXT NOT NULL DEFAULT '',
  terms_version  TEXT NOT NULL DEFAULT '',
  terms_at       BIGINT NOT NULL DEFAULT 0,
  configured_at  BIGINT NOT NULL DEFAULT 0,
  contract       TEXT NOT NULL DEFAULT '',
  base_url       TEXT NOT NULL DEFAULT '',
  auth_type      TEXT NOT NULL DEFAULT '',
  auth_name      TEXT NOT NULL DEFAULT '',
  auth_secret    TEXT NOT NULL DEFAULT '',
  UNIQUE (application_id, offer)
);
CREATE INDEX portal_subscription_state ON portal_subscription (state, requested_at);

CREATE TABLE portal_invitation (
  email       TEXT NOT NULL,
  offer       TEXT NOT NULL,
  token       BYTEA UNIQUE,
  ends        BIGINT NOT NULL,
  sent_at     BIGINT NOT NULL,
  sent_by     TEXT NOT NULL,
  account_id  TEXT REFERENCES portal_account (id) ON DELETE CASCADE,
  accepted_at BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (email, offer)
);

CREATE TABLE portal_mail (
  seq       BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at        BIGINT NOT NULL,
  recipient TEXT NOT NULL,
  kind      TEXT NOT NULL,
  lang      TEXT NOT NULL,
  subject   TEXT NOT NULL,
  body      TEXT NOT NULL,
  link      TEXT NOT NULL
);

CREATE TABLE portal_act (
  seq     BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at      BIGINT NOT NULL,
  subject TEXT NOT NULL,
  who     TEXT NOT NULL,
  act     TEXT NOT NULL,
  reason  TEXT NOT NULL
);
CREATE INDEX portal_act_subject ON portal_act (subject, seq);

CREATE TABLE portal_run (
  seq        BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  account_id TEXT NOT NULL REFERENCES portal_account (id) ON DELETE CASCADE,
  step       BIGINT NOT NULL,
  posted_at  BIGINT NOT NULL,
  posted_by  TEXT NOT NULL,
  summary    TEXT NOT NULL
);
CREATE INDEX portal_run_account ON portal_run (account_id, seq);
