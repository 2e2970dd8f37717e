package crash

import (
	"fmt"

	"golang.org/x/sys/unix"
)

const unlimited = unix.RLIM_INFINITY

// limitFiles bounds the files that a running process writes, in bytes.
func limitFiles(pid int, most uint64) error {
	// The hard limit stays, so that the soft one can be lifted again.
	if err := unix.Prlimit(pid, unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: most, Max: unlimited}, nil); err != nil {
		return fmt.Errorf("limit the files of process %d: %w", pid, err)
	}
	return nil
}
