//go:build linux || darwin || freebsd || netbsd || openbsd

package reports

import (
	"errors"
	"os"
	"syscall"
)

// lock keeps the file for this process until it is closed, or the process ends in whatever way.
func lock(f *os.File) error {
	err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return ErrJournalBusy
	}
	return err
}
