package main

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"github.com/clementine-ope/clementine/reports"
	"github.com/clementine-ope/clementine/steps"
)

// journalName is the file beside the reports in which a run is taken down until they are written.
const journalName = "journal.jsonl"

// keep opens the journal of a run that is to have one.
func (t *terminal) keep(o *steps.Options, j judging) (*reports.Journal, error) {
	path := filepath.Join(j.out, journalName)
	switch {
	case j.resume:
		return steps.Resume(o, path)
	case j.journal:
		t.leftBehind(path)
		return steps.Keep(o, path)
	}
	return nil, nil
}

// leftBehind says that a run was cut off here, and that this one is not its continuation.
func (t *terminal) leftBehind(path string) {
	record, err := reports.ReadJournal(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		t.complainf("%s, the journal of an unfinished run, can't be read (%v); this run begins anew", path, err)
	default:
		t.complainf("an unfinished run of %s is left behind, with %d scenarios judged; this run begins anew, --resume would have gone on with that one",
			record.StartedAt().Format("2006-01-02 15:04:05 UTC"), len(record.Ended))
	}
}

// over takes the journal away: the results hold it all. That of an interrupted run stays.
func (t *terminal) over(journal *reports.Journal, results reports.Results) error {
	if results.Interrupted {
		if journal.Kept() {
			t.printf("Interrupted: the same command with --resume goes on with it.\n")
		}
		return nil
	}
	if err := journal.Remove(); err != nil {
		return fmt.Errorf("removing the journal of the run: %w", err)
	}
	return nil
}
