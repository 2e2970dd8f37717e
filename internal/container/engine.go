//go:build !nocontainers

package container

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"
	"github.com/testcontainers/testcontainers-go"
	"github.com/testcontainers/testcontainers-go/log"
	"github.com/testcontainers/testcontainers-go/wait"
)

// hostName is what a container calls the machine that its engine runs on.
const hostName = "host.docker.internal"

// logLimit is how much of a container's log is kept, in bytes: its beginning.
const logLimit = 16 << 20

// Container is a partner that runs.
type Container struct {
	inner *testcontainers.DockerContainer
	// URL is its base address as this machine reaches it.
	URL string
}

// settle makes the library fit a program: it would tell its progress in the middle of a report, and fetch an image of
// its own that removes containers which we remove ourselves.
func settle() error {
	log.SetDefault(log.NewNoopLogger())
	const reaper = "TESTCONTAINERS_RYUK_DISABLED"
	if _, set := os.LookupEnv(reaper); set {
		return nil
	}
	return os.Setenv(reaper, "true")
}

// Host says how a container that Start starts reaches a server of this machine: the address to listen on in place of a
// loopback address, empty where loopback will do, and the name to call.
func Host(ctx context.Context) (listen, name string, err error) {
	if err := settle(); err != nil {
		return "", "", err
	}
	provider, err := testcontainers.NewDockerProvider()
	if err != nil {
		return "", "", fmt.Errorf("%w: %w", ErrNoEngine, err)
	}
	defer provider.Close()
	bridge, err := provider.Client().NetworkInspect(ctx, "bridge", client.NetworkInspectOptions{})
	if err != nil {
		return "", "", fmt.Errorf("%w: %w", ErrNoEngine, err)
	}
	for _, c := range bridge.Network.IPAM.Config {
		// On Linux this machine has an address in the bridge's network; where the engine runs in a machine of its own,
		// the name leads to our loopback interface.
		if address := within(c.Subnet); address != "" {
			return address, address, nil
		}
	}
	return "", hostName, nil
}

// within is the address of this machine in a network; empty if it has none.
func within(network netip.Prefix) string {
	all, err := net.InterfaceAddrs()
	if err != nil {
		return ""
	}
	for _, a := range all {
		if own, err := netip.ParsePrefix(a.String()); err == nil && network.Contains(own.Addr()) {
			return own.Addr().String()
		}
	}
	return ""
}

// Start runs an image, fetched if it is not there, and waits until it answers. The caller stops what it gets, also with
// an error: the log says why.
func Start(ctx context.Context, o Options) (*Container, error) {
	if err := settle(); err != nil {
		return nil, err
	}
	port := o.Port + "/tcp"
	inner, err := testcontainers.Run(ctx, o.Image,
		testcontainers.WithEnv(o.Env), testcontainers.WithExposedPorts(port),
		testcontainers.WithWaitStrategyAndDeadline(o.Wait, wait.ForHTTP(o.Ping).WithPort(port).WithStartupTimeout(o.Wait).
			WithStatusCodeMatcher(func(int) bool { return true })),
		testcontainers.WithHostConfigModifier(func(h *container.HostConfig) {
			h.ExtraHosts = append(h.ExtraHosts, hostName+":host-gateway")
		}))
	c := &Container{inner: inner}
	if err != nil {
		if inner == nil {
			return nil, fmt.Errorf("start %s: %w", o.Image, err)
		}
		return c, fmt.Errorf("start %s: %w", o.Image, err)
	}
	c.URL, err = inner.PortEndpoint(ctx, port, "http")
	return c, err
}

// Stop writes the container's log, both streams in order, and takes the container away.
func (c *Container) Stop(ctx context.Context, to io.Writer) error {
	if c == nil || c.inner == nil {
		return nil
	}
	said, err := c.inner.Logs(ctx)
	if err == nil {
		err = errors.Join(copied(to, said), said.Close())
	}
	return errors.Join(err, testcontainers.TerminateContainer(c.inner, testcontainers.StopContext(ctx)))
}

func copied(to io.Writer, from io.Reader) error {
	_, err := io.Copy(to, io.LimitReader(from, logLimit))
	return err
}
