package steps_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/clementine-ope/clementine/partner"
	"github.com/clementine-ope/clementine/partner/hostile"
	"github.com/clementine-ope/clementine/schemas"
)

// What tells this test program, started again, that it is to be a hostile partner: a process of its own, so that what
// the partner makes up is not counted as the judge's memory.
const (
	hostileKind    = "CLEMENTINE_TEST_HOSTILE"
	hostileMode    = "CLEMENTINE_TEST_MODE"
	hostileGateway = "CLEMENTINE_TEST_GATEWAY"
)

// newHostileLab is a mock Orange in this process and a hostile partner beside it, which ends with the test.
func newHostileLab(t *testing.T, kind, mode string, pack *schemas.Pack) *lab {
	t.Helper()
	p, err := profileIn(mode)
	if err != nil {
		t.Fatal(err)
	}
	l := &lab{profile: p, orange: newOrange(t, p, pack)}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), self)
	command.Env = append(os.Environ(), hostileKind+"="+kind, hostileMode+"="+mode, hostileGateway+"="+l.orange.URL())
	command.Stderr = os.Stderr
	stdin, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		// It ends by its input; if it has crashed or was killed with the test's context, it is gone already.
		_ = stdin.Close()
		_ = command.Wait()
	})
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatalf("starting the hostile partner %s: %v", kind, err)
	}
	l.url = strings.TrimSpace(line)
	p.BaseURL = l.url
	return l
}

// serveHostile is a hostile partner until its standard input ends; it prints its base URL.
func serveHostile(kind string) error {
	k, err := hostile.Find(kind)
	if err != nil {
		return err
	}
	if kind == "ten-thousand-events" && !long() {
		k.Seam = func() partner.Seam { return hostile.Flood(300) }
	}
	p, err := profileIn(os.Getenv(hostileMode))
	if err != nil {
		return err
	}
	gateway := os.Getenv(hostileGateway)
	server, err := partner.New(partner.Options{Profile: p, Listen: "127.0.0.1:0", GatewayURL: gateway, TokenURL: gateway + "/oauth/v3/token",
		ClientID: p.Orange.ClientID, ClientSecret: p.Orange.ClientSecret, Seam: k.Seam()})
	if err != nil {
		return err
	}
	if err := server.Listen(); err != nil {
		return err
	}
	server.Start()
	fmt.Println(server.URL())
	_, err = io.Copy(io.Discard, os.Stdin)
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	// Answers that are slow on purpose are cut by the end of the process.
	_ = server.Close(ctx)
	return err
}
