package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/clementine-ope/clementine/billing"
	"github.com/clementine-ope/clementine/billing/api"
	"github.com/clementine-ope/clementine/billing/store"
	"github.com/clementine-ope/clementine/internal/database"
	"github.com/clementine-ope/clementine/internal/sheet"
)

type billingCommand struct {
	Serve     billingServeCommand     `cmd:"" help:"Serve the API, its token endpoint and the back-office, until stopped."`
	Import    billingImportCommand    `cmd:"" help:"Create subscriptions from JSON Lines."`
	Export    billingExportCommand    `cmd:"" help:"Write subscriptions as CSV or JSON Lines."`
	Reconcile billingReconcileCommand `cmd:"" help:"Compare the stored sums with the subscriptions; repairs nothing."`
	Client    billingClientCommand    `cmd:"" help:"Manage the clients of the API."`
}

type billingClientCommand struct {
	Add billingClientAddCommand `cmd:"" help:"Register a client and print its id and secret, once."`
}

// databaseFlag is where billing keeps its data.
type databaseFlag struct {
	Database string `required:"" placeholder:"FILE|URL" help:"A file's path (SQLite) or a postgres:// URL."`
}

// openStore opens a database as billing's store.
func (t *terminal) openStore(ctx context.Context, address string) (*store.Store, error) {
	s, err := store.Open(ctx, address, database.Options{Log: t.log}, store.Options{Log: t.log})
	if err != nil {
		return nil, usagef("%w", err)
	}
	return s, nil
}

func (t *terminal) closeStore(s billing.Store) {
	if err := s.Close(); err != nil {
		t.complainf("closing the database: %v", err)
	}
}

// operator is who sits at the machine: whoever can open the database may do everything, and it is audited as the system's.
func operator(act string) (billing.Actor, billing.Scope) {
	house := billing.Client{Status: billing.ClientActive, Expires: billing.Forever, Role: billing.RoleAdmin}
	return billing.Actor{Kind: billing.ActorSystem, Reason: act}, billing.ScopeOf(house, api.Today(time.Now()))
}

type billingClientAddCommand struct {
	databaseFlag
	Name       string   `required:"" help:"What people call it."`
	Offers     []string `help:"Codes of the offers that it may act on, with commas between them."`
	Omniscient bool     `help:"It may read every offer."`
	Role       string   `enum:"reader,writer,admin" default:"reader" help:"What it may do: reader, writer or admin."`
}

// Run prints the same JSON as POST /clients.
func (c billingClientAddCommand) Run(ctx context.Context, t *terminal) error {
	s, err := t.openStore(ctx, c.Database)
	if err != nil {
		return err
	}
	defer t.closeStore(s)
	actor, scope := operator("clementine billing client add")
	n := billing.NewClient{Name: c.Name, Omniscient: c.Omniscient, Role: billing.Role(c.Role)}
	for _, o := range c.Offers {
		n.Offers = append(n.Offers, billing.OfferCode(o))
	}
	client, secret, err := s.CreateClient(ctx, actor, scope, n)
	if err != nil {
		return usagef("adding the client: %w", err)
	}
	return t.printJSON(api.Credentials{ClientID: string(client.ID), ClientSecret: secret})
}

func (t *terminal) printJSON(v any) error {
	e := json.NewEncoder(t.out)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return fmt.Errorf("printing: %w", err)
	}
	return nil
}

type billingImportCommand struct {
	databaseFlag
	File        string `arg:"" optional:"" placeholder:"FILE" help:"JSON Lines, each what POST /subscriptions takes; standard input if it is left out."`
	OnDuplicate string `enum:"reject,skip" default:"reject" help:"What to do with a row that is a duplicate: reject or skip."`
}

// Help is shown by --help.
func (billingImportCommand) Help() string {
	return `Prints one result for each row, as POST /billing/v1/imports does. Exit code 1 if a row was rejected.`
}

// Run imports.
func (c billingImportCommand) Run(ctx context.Context, t *terminal) error {
	in := t.in
	if c.File != "" && c.File != "-" {
		f, err := os.Open(c.File)
		if err != nil {
			return usagef("opening %s: %w", c.File, reason(err))
		}
		defer f.Close()
		in = f
	}
	s, err := t.openStore(ctx, c.Database)
	if err != nil {
		return err
	}
	defer t.closeStore(s)
	actor, scope := operator("clementine billing import")
	counts, err := api.Import{OnDuplicate: billing.OnDuplicate(c.OnDuplicate)}.Run(ctx, s, actor, scope, in, t.out)
	fmt.Fprintf(t.err, "%d created, %d skipped, %d rejected\n", counts.Created, counts.Skipped, counts.Rejected)
	if err != nil {
		return fmt.Errorf("importing: %w", err)
	}
	if counts.Rejected > 0 {
		return verdict(ExitFailed)
	}
	return nil
}

type billingExportCommand struct {
	databaseFlag
	Filter string `placeholder:"QUERY" help:"The same as GET /billing/v1/subscriptions takes, such as 'offer=A&period=2026-03'."`
	Format string `enum:"csv,jsonl" default:"csv" help:"csv or jsonl."`
	CSV    string `name:"csv" enum:"fr,intl" default:"intl" help:"fr: semicolons and a decimal comma; intl: commas and a decimal point."`
	BOM    bool   `name:"bom" help:"Start the CSV with a byte order mark, for spreadsheets that misread accents."`
	Out    string `placeholder:"FILE" help:"Where to write; standard output if it is left out."`
}

// Run exports.
func (c billingExportCommand) Run(ctx context.Context, t *terminal) error {
	s, err := t.openStore(ctx, c.Database)
	if err != nil {
		return err
	}
	defer t.closeStore(s)
	actor, scope := operator("clementine billing export")
	f, o, err := api.ParseFilter(ctx, s, scope, api.Today(time.Now()), c.Filter)
	if err != nil {
		return usagef("--filter: %w", err)
	}
	access := billing.Access{Route: "clementine billing export", Query: c.Filter, Offers: f.Offers}
	if err := s.RecordAccess(ctx, actor, scope, access); err != nil {
		return fmt.Errorf("recording the export: %w", err)
	}
	e := api.Export{Filter: f, Order: o, CSV: c.Format == "csv", Dialect: sheet.Dialect{French: c.CSV == "fr", BOM: c.BOM}}
	write := func(w io.Writer) error { return e.Write(ctx, s, scope, w) }
	if c.Out == "" {
		return write(t.out)
	}
	return writeFile(c.Out, write)
}

type billingReconcileCommand struct {
	databaseFlag
}

// Help is shown by --help.
func (billingReconcileCommand) Help() string {
	return `Prints the report as JSON. Exit code 1 if a stored sum is not what the subscriptions make it.`
}

// Run reconciles.
func (c billingReconcileCommand) Run(ctx context.Context, t *terminal) error {
	s, err := t.openStore(ctx, c.Database)
	if err != nil {
		return err
	}
	defer t.closeStore(s)
	actor, scope := operator("clementine billing reconcile")
	report, err := s.Reconcile(ctx, actor, scope)
	if err != nil {
		return fmt.Errorf("reconciling: %w", err)
	}
	if err := t.printJSON(api.ViewReconciliation(report)); err != nil {
		return err
	}
	if !report.Clean() {
		return verdict(ExitFailed)
	}
	return nil
}
