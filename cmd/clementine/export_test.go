package main

import (
	"context"
	"io"
)

// NewAsker is the asker of the terminal, over any reader and writer.
func NewAsker(in io.Reader, out io.Writer) func(context.Context, string) (ok, refused bool, err error) {
	return newAsker(in, out, func() {})
}
