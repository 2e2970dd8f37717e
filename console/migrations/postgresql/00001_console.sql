-- +goose Up
CREATE TABLE console_profile (
  id         TEXT COLLATE "C" PRIMARY KEY,
  owner      TEXT COLLATE "C" NOT NULL,
  name       TEXT NOT NULL,
  document   TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);
CREATE INDEX console_profile_owner ON console_profile (owner, name);
