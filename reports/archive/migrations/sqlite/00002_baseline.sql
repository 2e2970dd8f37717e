-- +goose Up
ALTER TABLE archive_run ADD COLUMN baseline TEXT NOT NULL DEFAULT '';
