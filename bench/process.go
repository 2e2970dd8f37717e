package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"time"

	"github.com/clementine-ope/clementine/internal/profile"
)

var address = regexp.MustCompile(`http://[0-9.:]+`)

// measureStart times the program from its start to its first HTTP answer, beside a start that has nothing to do but to
// print the version; the best of several counts, because the first one reads the program from disk.
func measureStart(ctx context.Context, binary string, f figures) error {
	const rounds = 5
	var serve, version time.Duration
	for range rounds {
		took, err := startOnce(ctx, binary)
		if err != nil {
			return fmt.Errorf("starting %s: %w", binary, err)
		}
		serve = shorter(serve, took)
		began := time.Now()
		if err := exec.CommandContext(ctx, binary, "--version").Run(); err != nil {
			return fmt.Errorf("running %s --version: %w", binary, err)
		}
		version = shorter(version, time.Since(began))
	}
	f.add("start to first answer", "%d ms (best of %d), %.1f times --version, which takes %d ms",
		serve.Milliseconds(), rounds, serve.Seconds()/version.Seconds(), version.Milliseconds())
	return nil
}

// shorter is the lesser of the best so far, which is 0 before the first, and one more.
func shorter(best, took time.Duration) time.Duration {
	if best == 0 {
		return took
	}
	return min(best, took)
}

func startOnce(ctx context.Context, binary string) (took time.Duration, err error) {
	began := time.Now()
	command := exec.CommandContext(ctx, binary, "serve", "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0")
	out, err := command.StdoutPipe()
	if err != nil {
		return 0, err
	}
	if err := command.Start(); err != nil {
		return 0, err
	}
	defer func() {
		err = errors.Join(err, command.Process.Signal(os.Interrupt), command.Wait())
	}()
	scanner := bufio.NewScanner(out)
	for scanner.Scan() {
		if base := address.FindString(scanner.Text()); base != "" {
			request, err := http.NewRequestWithContext(ctx, http.MethodPost, base+"/oauth/v3/token", http.NoBody)
			if err != nil {
				return 0, err
			}
			response, err := http.DefaultClient.Do(request)
			if err != nil {
				return 0, err
			}
			return time.Since(began), response.Body.Close()
		}
	}
	return 0, errors.New("it printed no address")
}

// measureMemory runs the suite as a process of its own against a partner in this one.
func measureMemory(ctx context.Context, binary string, f figures) error {
	servers, err := startPair(profile.Sync, 0)
	if err != nil {
		return err
	}
	defer servers.close(ctx)
	dir, err := os.MkdirTemp("", "clementine-bench-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "partner.yaml")
	if err := os.WriteFile(path, []byte(profileText), 0o600); err != nil {
		return err
	}
	var output bytes.Buffer
	command := exec.CommandContext(ctx, binary, "run", "--profile", path,
		"--partner", servers.partner.URL(), "--orange", servers.orange.ControlURL(), "--out", filepath.Join(dir, "out"))
	command.Env = append(os.Environ(), "MODE=sync", "LISTEN=127.0.0.1:0")
	command.Stdout, command.Stderr = &output, &output
	if err := command.Run(); err != nil {
		return fmt.Errorf("running the suite as a process: %w\n%s", err, output.String())
	}
	peak, ok := peakMemory(command.ProcessState)
	if !ok {
		f.add("peak memory of a run", "not known on this system")
		return nil
	}
	f.add("peak memory of a run", "%.1f MB", float64(peak)/(1<<20))
	return nil
}
