-- +goose Up
-- What is meant to be spent on an offer from an envelope in a year. Lists are of one year.
CREATE TABLE budget (
  year        INTEGER NOT NULL CHECK (year BETWEEN 1000 AND 9999),
  offer_id    INTEGER NOT NULL REFERENCES offer (id),
  envelope_id INTEGER NOT NULL REFERENCES envelope (id),
  amount      INTEGER NOT NULL CHECK (amount BETWEEN 0 AND 1000000000000000),
  version     INTEGER NOT NULL CHECK (version > 0),
  updated_at  INTEGER NOT NULL,
  PRIMARY KEY (year, offer_id, envelope_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX budget_envelope ON budget (envelope_id, offer_id);
