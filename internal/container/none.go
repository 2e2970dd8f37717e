//go:build nocontainers

package container

import (
	"context"
	"fmt"
	"io"
)

// Container is a partner that runs; in this build there is none.
type Container struct{ URL string }

var errLeftOut = fmt.Errorf("%w: this build has no client of one (it was made with the tag nocontainers)", ErrNoEngine)

// Host fails.
func Host(context.Context) (listen, name string, err error) { return "", "", errLeftOut }

// Start fails.
func Start(context.Context, Options) (*Container, error) { return nil, errLeftOut }

// Stop does nothing.
func (*Container) Stop(context.Context, io.Writer) error { return nil }
