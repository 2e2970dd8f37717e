// Package container runs a partner's image beside the program: started, waited for, its log kept, and taken away again.
//
// It owns the talk with the container engine. It does not own what the partner is asked.
package container

import (
	"errors"
	"time"
)

// ErrNoEngine is a container engine that does not answer, or a build without the client of one.
var ErrNoEngine = errors.New("no container engine")

// Options say what to run.
type Options struct {
	Image string
	Port  string            // of the partner within the container, such as 8081
	Ping  string            // path that any answer to means that it is up
	Env   map[string]string // of the container
	Wait  time.Duration     // for the first answer
}
