-- +goose Up
-- What some offers cost by envelope is read from here alone, in the length of what these offers have: the key of the table
-- begins with the envelope. The level of offers is left out, because the key has it together already.
CREATE INDEX cost_rollup_offer ON cost_rollup (offer_id, envelope_id, month, adjust, c0, c1, c2, c3, c4, c5, c6, c7, c8)
  WHERE envelope_id > 0;
