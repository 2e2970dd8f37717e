package reports

import "errors"

// ErrJournalBusy says that another run is writing the journal.
var ErrJournalBusy = errors.New("another run is writing it")
