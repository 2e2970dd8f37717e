-- +goose Up
-- The partner's own secret is of no use here: that one was given is all that is kept.
UPDATE portal_subscription SET auth_secret = 'given' WHERE auth_secret <> '';
