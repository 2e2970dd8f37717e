-- +goose Up
ALTER TABLE archive_run ADD COLUMN content TEXT NOT NULL DEFAULT '';
CREATE INDEX archive_run_content ON archive_run (content);
