-- +goose Up
-- What some offers cost by envelope is read from one index alone, in the length of what these offers have: the key of the
-- table begins with the envelope. That index holds the sums, so each change of a sum is a change of the index. The level of
-- offers, where all writers meet, is therefore a part of its own without it: its rows are changed in place.
ALTER TABLE cost_rollup RENAME TO cost_rollup_whole;
ALTER TABLE cost_rollup_whole RENAME CONSTRAINT cost_rollup_pkey TO cost_rollup_whole_pkey;

CREATE TABLE cost_rollup (
  envelope_id BIGINT NOT NULL,
  offer_id    BIGINT NOT NULL,
  month       BIGINT NOT NULL,
  adjust      BIGINT NOT NULL,
  c0 BIGINT NOT NULL, c1 BIGINT NOT NULL, c2 BIGINT NOT NULL,
  c3 BIGINT NOT NULL, c4 BIGINT NOT NULL, c5 BIGINT NOT NULL,
  c6 BIGINT NOT NULL, c7 BIGINT NOT NULL, c8 BIGINT NOT NULL,
  PRIMARY KEY (envelope_id, offer_id, month)
) PARTITION BY LIST (envelope_id);
CREATE TABLE cost_rollup_offers PARTITION OF cost_rollup FOR VALUES IN (0) WITH (fillfactor = 80);
CREATE TABLE cost_rollup_envelopes PARTITION OF cost_rollup DEFAULT WITH (fillfactor = 80);

INSERT INTO cost_rollup SELECT * FROM cost_rollup_whole;
DROP TABLE cost_rollup_whole;
CREATE INDEX cost_rollup_offer ON cost_rollup_envelopes (offer_id, envelope_id, month)
  INCLUDE (adjust, c0, c1, c2, c3, c4, c5, c6, c7, c8);
ANALYZE cost_rollup;
