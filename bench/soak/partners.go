package soak

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/clementine-ope/clementine/bench/reference"
	"github.com/clementine-ope/clementine/internal/profile"
	"github.com/clementine-ope/clementine/mockorange/control"
	"github.com/clementine-ope/clementine/partner"
	"github.com/clementine-ope/clementine/reports"
)

// PartnersOptions are the choices of a soak of the console; all are required but Log.
type PartnersOptions struct {
	Clementine string
	Database   string // of an empty database, as serve takes it
	Partners   int    // at once; every other one is asynchronous
	Log        io.Writer
	// Seam makes the partner of that number another than the reference partner; nil leaves all as they are.
	Seam func(number int) partner.Seam
}

// PartnersResult is what judging many partners at once has come to.
type PartnersResult struct {
	Alone        map[profile.Mode]time.Duration // one partner, nobody beside it
	Together     time.Duration                  // from the first start to the last verdict
	Requirements int                            // of each run
	Different    int                            // verdicts on a requirement that are not those of the partner alone
	Failed       int                            // requirements that failed, were inconclusive or broken, of all runs
	Memory       float64                        // of the server in the end, in bytes
}

// Err is nil if all were judged as if they were alone.
func (r PartnersResult) Err() error {
	if r.Different > 0 {
		return fmt.Errorf("%d verdicts are not those of the partner alone", r.Different)
	}
	return nil
}

// Partners has one clementine serve judge a partner of each mode alone, then as many as asked at once, and compares the verdicts
// on every requirement. Each partner has its own address, application and set-up in the console.
func Partners(ctx context.Context, o PartnersOptions) (r PartnersResult, err error) {
	if o.Log == nil {
		o.Log = io.Discard
	}
	if o.Seam == nil {
		o.Seam = func(int) partner.Seam { return partner.Seam{} }
	}
	s, err := startServe(ctx, o.Clementine, o.Log, "--database", o.Database, "--console-runs", fmt.Sprint(o.Partners))
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, s.stop()) }()
	crowd := &crowd{PartnersOptions: o, server: s, control: control.NewClient(s.control, "", &http.Client{Timeout: callLimit})}
	defer func() { err = errors.Join(err, crowd.close(ctx)) }()
	for i := range max(o.Partners, 2) {
		if err := crowd.join(ctx, i); err != nil {
			return r, err
		}
	}
	alone := map[profile.Mode]verdicts{}
	r.Alone = map[profile.Mode]time.Duration{}
	for _, m := range crowd.members[:2] {
		began := time.Now()
		if alone[m.mode], err = m.judged(ctx); err != nil {
			return r, err
		}
		r.Alone[m.mode] = time.Since(began)
	}
	began := time.Now()
	together, err := crowd.judged(ctx)
	if err != nil {
		return r, err
	}
	r.Together = time.Since(began)
	for i, got := range together {
		r.compare(o.Log, crowd.members[i], got, alone[crowd.members[i].mode])
	}
	sample, err := readSample(ctx, http.DefaultClient, s.control)
	r.Memory = sample.Resident
	return r, err
}

// verdicts are those of a run, by requirement, and what was found.
type verdicts struct {
	of    map[string]reports.Verdict
	found map[string]string
}

func (r *PartnersResult) compare(log io.Writer, m *member, got, want verdicts) {
	r.Requirements = len(want.of)
	for id, verdict := range got.of {
		switch verdict {
		case reports.Failed, reports.Inconclusive, reports.Broken:
			r.Failed++
		}
		if want.of[id] != verdict {
			r.Different++
			fmt.Fprintf(log, "%s: %s is %s, and %s alone; %s\n", m.name, id, verdict, want.of[id], got.found[id])
		}
	}
	if len(got.of) != len(want.of) {
		r.Different++
		fmt.Fprintf(log, "%s: %d requirements, and %d alone\n", m.name, len(got.of), len(want.of))
	}
}

// crowd are the partners.
type crowd struct {
	PartnersOptions
	server  *server
	control *control.Client
	members []*member
}

// member is one partner and its set-up in the console.
type member struct {
	name    string
	mode    profile.Mode
	partner *partner.Partner
	visitor *visitor
	setUp   string // its id
}

// join starts the partner of that number and sets it up in the console.
func (c *crowd) join(ctx context.Context, number int) error {
	m := &member{name: fmt.Sprintf("partner %d", number), mode: []profile.Mode{profile.Sync, profile.Async}[number%2]}
	credentials, err := c.control.AddApplication(ctx, control.Application{Name: m.name})
	if err != nil {
		return err
	}
	p, err := profile.Parse(m.name, []byte(profileOf(m, "http://127.0.0.1:1", credentials)), func(string) string { return "" })
	if err != nil {
		return err
	}
	m.partner, err = partner.New(partner.Options{
		Profile: p, Listen: "127.0.0.1:0", GatewayURL: c.server.gateway, TokenURL: c.server.gateway + "/oauth/v3/token",
		ClientID: credentials.ClientID, ClientSecret: credentials.ClientSecret, Seam: c.Seam(number),
	})
	if err != nil {
		return err
	}
	if err := m.partner.Listen(); err != nil {
		return err
	}
	m.partner.Start()
	c.members = append(c.members, m)
	if m.visitor, err = newVisitor(c.server.gateway); err != nil {
		return err
	}
	m.setUp, err = m.visitor.paste(ctx, profileOf(m, m.partner.URL(), credentials))
	return err
}

func (c *crowd) close(ctx context.Context) (err error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), callLimit)
	defer cancel()
	for _, m := range c.members {
		err = errors.Join(err, m.partner.Close(ctx))
	}
	return err
}

func (m *member) judged(ctx context.Context) (v verdicts, err error) {
	results, err := m.visitor.run(ctx, m.setUp, m.mode)
	if err != nil {
		return v, fmt.Errorf("%s: %w", m.name, err)
	}
	v = verdicts{of: map[string]reports.Verdict{}, found: map[string]string{}}
	for _, q := range results.Requirements {
		v.of[q.ID] = q.Verdict
		v.found[q.ID] = q.Reason
	}
	for _, s := range results.Scenarios {
		for _, f := range s.Findings {
			v.found[f.Requirement] += fmt.Sprintf("%s: expected %s, seen %s. ", s.ID, f.Expected, f.Seen)
		}
	}
	return v, nil
}

func (c *crowd) judged(ctx context.Context) ([]verdicts, error) {
	all, errs := make([]verdicts, len(c.members)), make([]error, len(c.members))
	var wait sync.WaitGroup
	for i, m := range c.members {
		wait.Go(func() { all[i], errs[i] = m.judged(ctx) })
	}
	wait.Wait()
	return all, errors.Join(errs...)
}

// profileOf gives a partner more time than is usual: judge, gateway and all partners share a machine, and how busy that is must
// not be what is judged.
func profileOf(m *member, base string, c control.Credentials) string {
	return fmt.Sprintf(`partner: {name: %s}
baseURL: %s
mode: %s
orange: {clientID: %q, clientSecret: %q}
delays: {answer: 60s, event: 120s, quiet: 1s, retry: 120s, visible: 60s}
`+reference.Declared+reference.Triggers, m.name, base, m.mode, c.ClientID, c.ClientSecret)
}
