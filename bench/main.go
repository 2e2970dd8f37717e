// Command bench measures what a user waits for: the suite beside a bare client that replays the same exchanges, the
// judging of a payload, the gateway, the start, and the memory of a run.
//
// It owns measuring and printing. It does not own what good numbers are: those are in the documentation.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"text/tabwriter"

	"github.com/gin-gonic/gin"
)

func main() {
	gin.SetMode(gin.ReleaseMode)
	binary := flag.String("clementine", "bin/clementine", "the built program")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, *binary, os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// figures is a table of what was measured, a line each.
type figures struct{ w *tabwriter.Writer }

func (f figures) add(what, format string, args ...any) {
	fmt.Fprintf(f.w, "%s\t%s\n", what, fmt.Sprintf(format, args...))
}

func run(ctx context.Context, binary string, out io.Writer) error {
	f := figures{tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)}
	err := errors.Join(
		// First, while this process is small: Linux counts what it holds at the fork as its child's.
		measureMemory(ctx, binary, f),
		measureSuite(ctx, f),
		measureJudge(f),
		measureGateway(ctx, f),
		measureStart(ctx, binary, f),
	)
	return errors.Join(err, f.w.Flush())
}
