-- +goose Up
-- What is meant to be spent on an offer from an envelope in a year. Lists are of one year.
CREATE TABLE budget (
  year        BIGINT NOT NULL CHECK (year BETWEEN 1000 AND 9999),
  offer_id    BIGINT NOT NULL REFERENCES offer (id),
  envelope_id BIGINT NOT NULL REFERENCES envelope (id),
  amount      BIGINT NOT NULL CHECK (amount BETWEEN 0 AND 1000000000000000),
  version     BIGINT NOT NULL CHECK (version > 0),
  updated_at  BIGINT NOT NULL,
  PRIMARY KEY (year, offer_id, envelope_id)
);
CREATE INDEX budget_envelope ON budget (envelope_id, offer_id);
