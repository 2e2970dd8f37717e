package main

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"strings"
	"time"
)

// measureProof times the proof as a user runs it: by each defect's requirement, then against the whole suite.
func measureProof(ctx context.Context, binary string, f figures) error {
	for _, args := range [][]string{{"prove"}, {"prove", "--full"}} {
		what := strings.Join(args, " ")
		var output bytes.Buffer
		command := exec.CommandContext(ctx, binary, args...)
		command.Stdout, command.Stderr = &output, &output
		began := time.Now()
		if err := command.Run(); err != nil {
			return fmt.Errorf("running clementine %s: %w\n%s", what, err, output.String())
		}
		f.add(what, "%.0f s", time.Since(began).Seconds())
	}
	return nil
}
