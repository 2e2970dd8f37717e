// Command bench measures what a user waits for: the suite beside a bare client that replays the same exchanges, the
// judging of a payload, the gateway, the start, the memory of a run, and the proof.
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
	attacks := flag.Bool("attacks", false, "measure hostile partners only")
	kind := flag.String("hostile", "", "be this hostile partner instead of measuring")
	profilePath := flag.String("profile", "", "the profile of that partner")
	gateway := flag.String("gateway", "", "the gateway of that partner")
	subscriptions := billedSubscriptions()
	onlyBilling := flag.Bool("billing", false, "measure billing only")
	engine := flag.String("engine", "", "measure billing on this engine only: sqlite or postgresql")
	inFlight, onlyPromises := orders(), flag.Bool("promises", false, "measure the durable partner only")
	onlyTaken := flag.Bool("taken", false, "measure the events that a mock Orange takes only")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	var err error
	switch {
	case *kind != "":
		err = serveHostile(ctx, *kind, *profilePath, *gateway, os.Stdout)
	case *attacks:
		err = runAttacks(ctx, *binary, os.Stdout)
	case *onlyPromises:
		err = runPromises(ctx, *binary, *inFlight, os.Stdout)
	case *onlyTaken:
		err = runTaken(ctx, os.Stdout)
	case *onlyBilling:
		err = runBilling(ctx, *subscriptions, *engine, os.Stdout)
	default:
		err = errors.Join(runPromises(ctx, *binary, *inFlight, os.Stdout), run(ctx, *binary, os.Stdout), runBilling(ctx, *subscriptions, *engine, os.Stdout))
	}
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

func runAttacks(ctx context.Context, binary string, out io.Writer) error {
	f := figures{tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)}
	return errors.Join(measureHostile(ctx, binary, f), f.w.Flush())
}

func runPromises(ctx context.Context, binary string, orders int, out io.Writer) error {
	f := figures{tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)}
	return errors.Join(measurePromises(ctx, binary, orders, f), f.w.Flush())
}

func runTaken(ctx context.Context, out io.Writer) error {
	f := figures{tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)}
	return errors.Join(measureTaken(ctx, f), f.w.Flush())
}

func runBilling(ctx context.Context, subscriptions int, engine string, out io.Writer) error {
	// Columns have a width of their own, because each line is printed as soon as it is known.
	const width = 46
	f := figures{tabwriter.NewWriter(out, width, 0, 2, ' ', 0)}
	return errors.Join(measureBilling(ctx, subscriptions, engine, f), f.w.Flush())
}

func run(ctx context.Context, binary string, out io.Writer) error {
	f := figures{tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)}
	err := errors.Join(
		// First, while this process is small: Linux counts what it holds at the fork as its child's.
		measureHostile(ctx, binary, f),
		measureMemory(ctx, binary, f),
		measureSuite(ctx, f),
		measureJudge(f),
		measureGateway(ctx, f),
		measureTaken(ctx, f),
		measureStart(ctx, binary, f),
		measureProof(ctx, binary, f),
	)
	return errors.Join(err, f.w.Flush())
}
