-- +goose Up
CREATE TABLE partner_answer (
  key    TEXT PRIMARY KEY,
  status INTEGER NOT NULL,
  body   BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE partner_customer (
  id        TEXT PRIMARY KEY,
  reference TEXT UNIQUE,
  body      BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE partner_fleet (
  seq      INTEGER PRIMARY KEY AUTOINCREMENT,
  id       TEXT NOT NULL UNIQUE,
  customer TEXT NOT NULL,
  body     BLOB NOT NULL
) STRICT;

CREATE INDEX partner_fleet_of ON partner_fleet (customer, seq);

CREATE TABLE partner_licence (
  seq   INTEGER PRIMARY KEY AUTOINCREMENT,
  id    TEXT NOT NULL UNIQUE,
  fleet TEXT NOT NULL,
  body  BLOB NOT NULL
) STRICT;

CREATE INDEX partner_licence_of ON partner_licence (fleet, seq);
