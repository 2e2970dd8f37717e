package soak_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/gin-gonic/gin"

	"github.com/clementine-ope/clementine/bench/soak"
	"github.com/clementine-ope/clementine/internal/database/databasetest"
)

var (
	server  databasetest.Server
	program string // the built program
)

func TestMain(m *testing.M) {
	gin.SetMode(gin.ReleaseMode) // of the partners
	dir, err := os.MkdirTemp("", "clementine-soak-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	program = filepath.Join(dir, "clementine")
	build := exec.Command("go", "build", "-trimpath", "-tags", "nomsgpack", "-o", program, "../../cmd/clementine")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	build.Stdout, build.Stderr = os.Stdout, os.Stderr
	code := 1
	if err := build.Run(); err == nil {
		code = databasetest.Run(m, &server)
	}
	if err := os.RemoveAll(dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// programs are those of the soak. Where vegeta is not installed (make vegeta) its tests are left out, but fail with REQUIRE_ALL=1.
func programs(t *testing.T) soak.Programs {
	t.Helper()
	if vegeta, err := filepath.Abs("../../bin/peers/vegeta"); err == nil {
		if _, err := os.Stat(vegeta); err == nil {
			return soak.Programs{Clementine: program, Vegeta: vegeta}
		}
	}
	vegeta, err := exec.LookPath("vegeta")
	if err != nil {
		if os.Getenv("REQUIRE_ALL") != "" {
			t.Fatal("vegeta is not installed: make vegeta")
		}
		t.Skip("vegeta is not installed: make vegeta")
	}
	return soak.Programs{Clementine: program, Vegeta: vegeta}
}
