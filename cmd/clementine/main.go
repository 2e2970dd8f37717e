// Command clementine plays Orange's side of the Business Applications API against a partner's server and judges it.
//
// This package owns the command line: arguments, environment, files, exit codes, and the introduction of the other
// packages to each other. It does not own any rule of the contract, nor how a report looks.
package main

import (
	"context"
	"io"
	"log"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/gin-gonic/gin"
)

// patience is how long after the first signal a second one begins to count.
const patience = 2 * time.Second

// tidyFrom is from how many bytes on a run collects garbage more eagerly than Go does by itself, which lets the heap
// double. What is live is bounded by docs/limits.md; without this a hostile partner's garbage would come on top of it.
const tidyFrom = 80 << 20

func main() {
	// net/http has no other way to say that a partner answers what nobody asked, and it would say it in the middle of a
	// report: what a partner does wrong stands in the results.
	log.SetOutput(io.Discard)
	// gin's mode is global and prints on change: it belongs to the program, not to the servers.
	gin.SetMode(gin.ReleaseMode)
	if len(os.Args) > 1 && os.Args[1] == "run" && os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(tidyFrom)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// The first signal ends the work in good order, a later one kills. Not at once: timeout(1), and a shell that signals
	// the whole group, send the first one twice.
	context.AfterFunc(ctx, func() { time.AfterFunc(patience, stop) })
	code := Main(ctx, os.Args[1:], os.Getenv, os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}
