package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime/debug"
	"strings"

	"github.com/alecthomas/kong"
)

// version is set by the linker (see the Makefile); empty where the build information says it.
var version string

// terminal is everything of the outside world that a command touches.
type terminal struct {
	getenv func(string) string
	in     io.Reader
	out    io.Writer
	err    io.Writer
	log    *slog.Logger
	lang   string // of what is printed: fr, or English
}

// commandLine is the grammar; the help texts of the commands stand beside their code.
type commandLine struct {
	Version kong.VersionFlag `help:"Print the version."`
	Log     string           `enum:"off,text,json" default:"off" help:"Log requests and what goes wrong to standard error: text or json."`
	Debug   bool             `help:"Log all that the servers do; as text, unless --log says json."`

	Demo     demoCommand     `cmd:"" help:"Show it all: judge the reference partner in both modes."`
	Run      runCommand      `cmd:"" help:"Judge a partner's server."`
	Serve    serveCommand    `cmd:"" help:"Play Orange alone, until stopped."`
	Partner  partnerCommand  `cmd:"" help:"Run the reference partner alone, until stopped."`
	Prove    proveCommand    `cmd:"" help:"Run the suite against partners that are wrong, and that are right, in known ways."`
	Billing  billingCommand  `cmd:"" help:"Serve billing alone, or import, export and check its data."`
	Report   reportCommand   `cmd:"" help:"Render results.json as a page, JUnit, CTRF or text."`
	Profile  profileCommand  `cmd:"" help:"Write or check a partner's profile."`
	Contract contractCommand `cmd:"" help:"Export or check a contract pack."`
	Steps    stepsCommand    `cmd:"" help:"List the sentences that features can be written in."`
	Health   healthCommand   `cmd:"" help:"Ask a server whether it is well; for containers."`

	Completion completionCommand `cmd:"" help:"Print a script that completes commands in bash, zsh or fish."`
	Manual     manualCommand     `cmd:"" help:"Print all commands with their flags on one page."`
}

const description = `Plays Orange's side of the Business Applications API against a partner's server, and judges it clause by clause.

Every flag can be given as an environment variable: --partner is CLEMENTINE_PARTNER. Exit codes: 0 nothing failed,
1 a requirement failed, 2 usage or configuration, 3 could not be judged, 130 interrupted.`

// Main runs one command line and returns its exit code. It reads nothing of the process but what it is given.
func Main(
	ctx context.Context, args []string, getenv func(string) string, stdin io.Reader, stdout, stderr io.Writer,
) int {
	var line commandLine
	ended, code := false, 0
	parser, err := newParser(&line, getenv, stdout, stderr, func(c int) { ended, code = true, c }, kong.Help(helpIn(languageAsked(args, getenv))))
	if err != nil {
		fmt.Fprintf(stderr, "clementine: building the command line: %v\n", err)
		return ExitCannotJudge
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	command, err := parser.Parse(askingHelp(args))
	if ended {
		return code
	}
	t := &terminal{getenv: getenv, in: stdin, out: stdout, err: stderr, log: line.logger(stderr)}
	if err != nil {
		t.lang = languageAsked(args, getenv)
		t.complainf("%v; see %s --help", err, commandPath(err))
		return ExitUsage
	}
	t.lang = languageOf(command, getenv)
	command.BindTo(ctx, (*context.Context)(nil))
	return t.exitCode(command.Run(t))
}

func newParser(line *commandLine, getenv func(string) string, stdout, stderr io.Writer, end func(code int), more ...kong.Option) (*kong.Kong, error) {
	return kong.New(line, append(more,
		kong.Name("clementine"),
		kong.Description(description),
		kong.Vars{"version": versionText()},
		kong.Writers(stdout, stderr),
		kong.Exit(end),
		kong.Resolvers(environment(getenv)),
		kong.ValueFormatter(withVariable),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: true, WrapUpperBound: 110}),
	)...)
}

func (l commandLine) logger(to io.Writer) *slog.Logger {
	options := &slog.HandlerOptions{Level: slog.LevelInfo}
	if l.Debug {
		options.Level = slog.LevelDebug
	}
	switch {
	case l.Log == "json":
		return slog.New(slog.NewJSONHandler(to, options))
	case l.Log == "text" || l.Debug:
		return slog.New(slog.NewTextHandler(to, options))
	default:
		return slog.New(slog.DiscardHandler)
	}
}

func (t *terminal) exitCode(err error) int {
	var done verdict
	var known *exit
	switch {
	case err == nil:
		return ExitPassed
	case errors.As(err, &done):
		return int(done)
	case errors.As(err, &known):
		t.complainf("%v", err)
		return known.code
	default:
		t.complainf("%v", err)
		return ExitCannotJudge
	}
}

func commandPath(err error) string {
	var parse *kong.ParseError
	if errors.As(err, &parse) && parse.Context != nil {
		if selected := parse.Context.Selected(); selected != nil {
			return selected.FullPath()
		}
	}
	return "clementine"
}

func variableOf(flag string) string {
	return "CLEMENTINE_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// environment lets CLEMENTINE_* stand for flags. kong's own way reads the process, which no test could replace.
func environment(getenv func(string) string) kong.Resolver {
	return kong.ResolverFunc(func(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
		if flag.Name == "help" || flag.Name == "version" {
			return nil, nil
		}
		if value := getenv(variableOf(flag.Name)); value != "" {
			return value, nil
		}
		return nil, nil
	})
}

func withVariable(value *kong.Value) string {
	help := kong.DefaultHelpValueFormatter(value)
	if value.Flag == nil || value.Name == "help" || value.Name == "version" {
		return help
	}
	return fmt.Sprintf("%s ($%s)", strings.TrimSuffix(help, "."), variableOf(value.Name))
}

func versionText() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "dev"
}

// isTerminal says whether a person reads (or writes) there.
func isTerminal(stream any) bool {
	file, ok := stream.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// colour follows no-color.org and dumb terminals.
func (t *terminal) colour() bool {
	return isTerminal(t.out) && t.getenv("NO_COLOR") == "" && t.getenv("TERM") != "dumb"
}
