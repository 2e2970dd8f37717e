package main_test

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	clementine "github.com/clementine-ope/clementine/cmd/clementine"
)

// runtime finds a program that only some tests need. REQUIRE_ALL=1 makes its lack a failure, for CI.
func runtime(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err == nil {
		return path
	}
	if os.Getenv("REQUIRE_ALL") != "" {
		t.Fatalf("%s is required and not installed", name)
	}
	t.Skipf("%s is not installed", name)
	return ""
}

// The example partners are strangers: other languages, written from the contract alone.
func TestRunPassesTheExamplePartners(t *testing.T) {
	t.Parallel()
	for _, example := range []struct{ name, runtime, program string }{
		{"node", "node", "partner.mjs"},
		{"python", "python3", "partner.py"},
	} {
		t.Run(example.name, func(t *testing.T) {
			t.Parallel()
			program := runtime(t, example.runtime)
			folder := filepath.Join("..", "..", "examples", example.name)
			served := address.FindAllString(
				background(t, "control", "serve", "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0"), -1)
			url := startExample(t, program, filepath.Join(folder, example.program), served[0])
			got := command(t, nil, "", "run", "--partner", url, "--profile", filepath.Join(folder, "profile.yaml"),
				"--orange", served[len(served)-1], "--out", t.TempDir())
			if got.code != clementine.ExitPassed {
				t.Errorf("exit %d\n%s\n%s", got.code, got.out, got.errOut)
			}
		})
	}
}

func startExample(t *testing.T, program, file, gateway string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 2*time.Minute)
	process := exec.CommandContext(ctx, program, file, "--port", "0", "--gateway", gateway)
	process.Cancel = func() error { return process.Process.Signal(os.Interrupt) }
	process.WaitDelay = 5 * time.Second
	out, err := process.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		_ = process.Wait() // it was interrupted, so it has nothing to say
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("%s prints no address: %v", file, err)
	}
	return address.FindString(line)
}
