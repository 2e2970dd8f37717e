package main_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// passage is a fenced block of a page: commands ("sh"), commands with what they print ("console"), or a file with a name.
type passage struct {
	kind, file string
	lines      []string
}

var fence = regexp.MustCompile("^( *)```(\\S*) ?(.*)$")

// passages are the fenced blocks of a page, without their indentation. A line that ends in a backslash is one with the next.
func passages(text string) []passage {
	var out []passage
	open, indent, joined := false, "", ""
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		m := fence.FindStringSubmatch(line)
		switch {
		case m != nil && !open:
			open, indent = true, m[1]
			out = append(out, passage{kind: m[2], file: m[3]})
		case m != nil:
			open = false
		case open:
			line = joined + strings.TrimPrefix(line, indent)
			if cut, goesOn := strings.CutSuffix(line, `\`); goesOn && out[len(out)-1].kind == "sh" {
				joined = cut
				continue
			}
			out[len(out)-1].lines, joined = append(out[len(out)-1].lines, line), ""
		}
	}
	return out
}

func readPage(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// desk is where a reader of a page sits: a folder of its own, the program on the path, and ports that nobody else has in
// the place of those that the page names.
type desk struct {
	t       *testing.T
	folder  string
	ports   map[string]string // as the page has it -> here
	running map[string]func() // what was started and serves, by its first words
	once    bool              // a line that the page repeats is not run again
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{t: t, folder: t.TempDir(), ports: map[string]string{}, running: map[string]func(){}}
	for _, port := range []string{"8081", "8082", "8083", "8090", "8091", "8092", "8093"} {
		_, d.ports[port], _ = strings.Cut(freePort(t), ":")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	d.put("bin/clementine", fmt.Sprintf("#!/bin/sh\n%s=1 exec %q \"$@\"\n", asProgram, self), 0o700)
	return d
}

// put writes a file of the reader's.
func (d *desk) put(name, text string, mode fs.FileMode) {
	d.t.Helper()
	file := filepath.Join(d.folder, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		d.t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), mode); err != nil {
		d.t.Fatal(err)
	}
}

// copyFolder gives the reader a folder of the repository, with the ports that are here.
func (d *desk) copyFolder(name string) {
	d.t.Helper()
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(filepath.Join(root, name), func(file string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		text, err := os.ReadFile(file)
		rel, _ := filepath.Rel(root, file)
		d.put(filepath.ToSlash(rel), d.here(string(text)), 0o600)
		return err
	})
	if err != nil {
		d.t.Fatal(err)
	}
}

// here puts this desk's ports in the place of the page's, there the other way round.
func (d *desk) here(text string) string {
	for page, port := range d.ports {
		text = regexp.MustCompile(`\b`+page+`\b`).ReplaceAllString(text, port)
	}
	return text
}

func (d *desk) there(text string) string {
	for page, port := range d.ports {
		text = strings.ReplaceAll(text, ":"+port, ":"+page)
	}
	return text
}

var server = regexp.MustCompile(`^(bin/)?(clementine (serve|partner)|node examples|python3 examples)\b`)

// serves says whether a command goes on until it is stopped.
func serves(line string) bool {
	return server.MatchString(line) && !strings.Contains(line, "--parked") && !strings.Contains(line, "--resend")
}

// follow does what a page says, from its first block to its last, but for the lines that can't be run here, each of which
// must be there. "# exit code 1" behind a command is what it has to end with; otherwise it is 0.
func (d *desk) follow(name string, notHere map[string]string) {
	d.t.Helper()
	left, done := map[string]bool{}, map[string]bool{}
	ran := 0
	for _, p := range passages(readPage(d.t, name)) {
		if p.file != "" {
			d.put(p.file, d.here(strings.Join(p.lines, "\n")+"\n"), 0o600)
			continue
		}
		if p.kind == "console" {
			ran += d.converse(name, p.lines)
			continue
		}
		if p.kind != "sh" {
			continue
		}
		for _, line := range p.lines {
			if _, leave := notHere[line]; leave {
				left[line] = true
				continue
			}
			if d.once && done[line] {
				continue
			}
			done[line] = true
			ran++
			if serves(line) {
				d.start(line)
			} else {
				d.run(line)
			}
		}
	}
	for line := range notHere {
		if !left[line] {
			d.t.Errorf("%s: %q is said not to be run, and is not there", name, line)
		}
	}
	if ran == 0 {
		d.t.Errorf("%s: nothing was run", name)
	}
}

// converse runs the commands of a console block, which start with "$ ", and holds what they print against what follows
// them. A line of "…" stands for any lines, and "…" in a line for anything.
func (d *desk) converse(name string, lines []string) (ran int) {
	d.t.Helper()
	for len(lines) > 0 {
		line, ok := strings.CutPrefix(lines[0], "$ ")
		if !ok {
			d.t.Fatalf("%s: a console block starts with %q, not a command", name, lines[0])
		}
		end := slices.IndexFunc(lines[1:], func(l string) bool { return strings.HasPrefix(l, "$ ") })
		if end < 0 {
			end = len(lines) - 1
		}
		want := lines[1 : end+1]
		lines = lines[end+1:]
		said := d.there(d.run(line))
		if !prints(said, want) {
			d.t.Errorf("%s: %s prints\n%s\nand not\n%s", name, line, said, strings.Join(want, "\n"))
		}
		ran++
	}
	return ran
}

func prints(said string, want []string) bool {
	pattern := `\A`
	for _, line := range want {
		if line == "…" {
			pattern += `(?:[^\n]*\n)*?`
			continue
		}
		pattern += strings.ReplaceAll(regexp.QuoteMeta(line), "…", `[^\n]*`) + `\n`
	}
	return regexp.MustCompile(pattern + `\z`).MatchString(said)
}

func (d *desk) command(ctx context.Context, line string) *exec.Cmd {
	c := exec.CommandContext(ctx, runtime(d.t, "bash"), "-c", "set -eo pipefail\n"+d.here(line))
	c.Dir = d.folder
	c.Env = append(os.Environ(), "PATH="+filepath.Join(d.folder, "bin")+string(os.PathListSeparator)+os.Getenv("PATH"), "NO_COLOR=1")
	return c
}

// run is one command to its end; it returns what it printed, as a terminal shows it.
func (d *desk) run(line string) string {
	d.t.Helper()
	_, after, _ := strings.Cut(line, "# exit code ")
	want, _ := strconv.Atoi(after)
	if program, _, _ := strings.Cut(line, " "); slices.Contains([]string{"node", "python3", "php", "java", "curl", "jq"}, program) {
		runtime(d.t, program)
	}
	c := d.command(d.t.Context(), line)
	var said bytes.Buffer
	c.Stdout, c.Stderr = &said, &said
	_ = c.Run() // its exit code says it all
	if got := c.ProcessState.ExitCode(); got != want {
		d.t.Fatalf("%s: exit %d, not %d\n%s", line, got, want, said.String())
	}
	d.settle()
	return said.String()
}

// settle puts this desk's ports into a profile that was just written.
func (d *desk) settle() {
	d.t.Helper()
	written, err := filepath.Glob(filepath.Join(d.folder, "*.yaml"))
	if err != nil {
		d.t.Fatal(err)
	}
	for _, file := range written {
		text, err := os.ReadFile(file)
		if err != nil {
			d.t.Fatal(err)
		}
		d.put(filepath.Base(file), d.here(string(text)), 0o600)
	}
}

// start runs a server until the page starts another one of its kind, or ends.
func (d *desk) start(line string) {
	d.t.Helper()
	words := strings.Fields(line)
	if strings.HasSuffix(words[0], "clementine") {
		words[0] = "clementine"
	} else {
		runtime(d.t, words[0])
	}
	kind := words[0] + " " + words[1]
	if stop := d.running[kind]; stop != nil {
		stop()
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(d.t.Context()))
	c := d.command(ctx, "exec "+line)
	switch words[1] {
	case "serve":
		c.Env = append(c.Env, "CLEMENTINE_LISTEN=127.0.0.1:"+d.ports["8090"], "CLEMENTINE_CONTROL=127.0.0.1:"+d.ports["8091"])
	case "partner":
		c.Env = append(c.Env, "CLEMENTINE_LISTEN=127.0.0.1:"+d.ports["8081"])
	}
	c.Cancel = func() error { return c.Process.Signal(syscall.SIGTERM) }
	c.WaitDelay = 5 * time.Second
	var log bytes.Buffer
	c.Stderr = &log
	out, err := c.StdoutPipe()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		d.t.Fatal(err)
	}
	stopped := false
	d.running[kind] = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		var ended *exec.ExitError
		if err := c.Wait(); err != nil && !errors.As(err, &ended) && !errors.Is(err, context.Canceled) {
			d.t.Errorf("%s: %v", line, err)
		}
		d.t.Logf("%s: %s", line, log.String())
	}
	d.t.Cleanup(d.running[kind])
	// Servers say where they are once they listen; serve says the control port last.
	last := "http://"
	if words[1] == "serve" {
		last = "control  http://"
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if strings.Contains(lines.Text(), last) {
			go func() {
				for lines.Scan() { //nolint:revive // what else it says is of no interest, and must not block it
				}
			}()
			return
		}
	}
	d.t.Fatalf("%s ended before it said where it is", line)
}
