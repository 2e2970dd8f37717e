package reports

import (
	"errors"
	"os"
	"path/filepath"
)

// journalFile keeps a journal in a file of its own.
type journalFile struct {
	path string
	file *os.File    // nil before Begin
	info os.FileInfo // of the file
}

// JournalFile is a store that has no file at path before the run's first scenario begins.
func JournalFile(path string) JournalStore { return &journalFile{path: path} }

// Begin makes the file, whole, in place of the one that another run left.
func (f *journalFile) Begin(lines []byte) error {
	if err := writeWhole(f.path, lines); err != nil {
		return err
	}
	return f.open()
}

// open opens the file for more lines, for this run alone.
func (f *journalFile) open() error {
	file, err := os.OpenFile(f.path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return err
	}
	if f.info, err = file.Stat(); err == nil {
		err = lock(file)
	}
	if err != nil {
		return errors.Join(err, file.Close())
	}
	f.file = file
	return nil
}

// Append writes a line to the file.
func (f *journalFile) Append(line []byte) error {
	_, err := f.file.Write(line)
	return err
}

// Sync returns once the file is on disk.
func (f *journalFile) Sync() error { return f.file.Sync() }

// Close closes the file.
func (f *journalFile) Close() error { return f.file.Close() }

// Remove takes the file away, unless another run has put its own there.
func (f *journalFile) Remove() error {
	there, err := os.Stat(f.path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil || !os.SameFile(there, f.info) {
		return err
	}
	return os.Remove(f.path)
}

// writeWhole puts a file in the place of another, whole and on disk.
func writeWhole(path string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}

// ContinueJournal reads the journal at path and opens it for more lines. ErrJournalBusy says that its run is not over.
func ContinueJournal(path string) (*Journal, *JournalRecord, error) {
	f := &journalFile{path: path}
	if err := f.open(); err != nil {
		return nil, nil, err
	}
	r, err := ReadJournal(path)
	if err == nil {
		err = f.file.Truncate(r.whole)
	}
	if err != nil {
		return nil, nil, errors.Join(err, f.file.Close())
	}
	return &Journal{store: f, begun: true}, r, nil
}
