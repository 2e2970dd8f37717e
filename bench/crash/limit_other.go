//go:build !linux

package crash

import "errors"

const unlimited = ^uint64(0)

func limitFiles(int, uint64) error { return errors.ErrUnsupported }
