-- +goose Up
CREATE TABLE partner_answer (
  key    TEXT COLLATE "C" PRIMARY KEY,
  status BIGINT NOT NULL,
  body   BYTEA NOT NULL
);

CREATE TABLE partner_customer (
  id        TEXT COLLATE "C" PRIMARY KEY,
  reference TEXT COLLATE "C" UNIQUE,
  body      BYTEA NOT NULL
);

CREATE TABLE partner_fleet (
  seq      BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id       TEXT COLLATE "C" NOT NULL UNIQUE,
  customer TEXT COLLATE "C" NOT NULL,
  body     BYTEA NOT NULL
);

CREATE INDEX partner_fleet_of ON partner_fleet (customer, seq);

CREATE TABLE partner_licence (
  seq   BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id    TEXT COLLATE "C" NOT NULL UNIQUE,
  fleet TEXT COLLATE "C" NOT NULL,
  body  BYTEA NOT NULL
);

CREATE INDEX partner_licence_of ON partner_licence (fleet, seq);
