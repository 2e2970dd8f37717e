package console

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/clementine-ope/clementine/reports"
	"github.com/clementine-ope/clementine/reports/archive"
	"github.com/clementine-ope/clementine/reports/bundle"
	"github.com/clementine-ope/clementine/steps"
	"github.com/clementine-ope/clementine/web"
)

// What may be uploaded.
const (
	uploadPath    = "/upload"
	uploadRoom    = 1 << 20 // of the form besides the file, in bytes
	maxShown      = 50      // problems, or changes, of one bundle
	judgePatience = 2 * time.Minute
	maxName       = 200 // runes of a name that came with a bundle, as lists show it
)

// verified is what was found out about an uploaded bundle. It is kept beside the run, in English.
type verified struct {
	File      string   `json:"file"`
	Claims    []string `json:"claims"`
	KeyIDs    []string `json:"keyIDs,omitempty"` // that the reviewer gave
	Challenge string   `json:"challenge,omitempty"`
	Unknown   []string `json:"unknown,omitempty"` // entries of the file that are no part of a bundle
	Scenarios int      `json:"scenarios"`
	Exchanges int      `json:"exchanges"`
	// Today is what this console's suite comes to where another one judged the run; empty where it is the same.
	Today   string        `json:"today,omitempty"`
	Changes []todayChange `json:"changes,omitempty"`
}

// todayChange is a requirement that comes to something else by this console's suite.
type todayChange struct {
	ID    string `json:"id"`
	Then  string `json:"then"`
	Now   string `json:"now"`
	Cause string `json:"cause"`
}

// refusal says why a bundle is not taken: problems in English.
type refusal struct {
	Lead     string // message key
	Problems []string
	Place    *alteredPlace
}

// alteredPlace is what stands where the chain of a bundle breaks.
type alteredPlace struct {
	Exchange  int
	Call, At  string
	Status    int
	Scenarios []string
}

type uploadPage struct {
	Refused  string // in one sentence
	Problems []string
	More     int
	Place    *alteredPlace
	Keys     string
	Given    string // challenge
	Limit    int    // MiB
}

// uploaded is how the page of a run shows where it came from.
type uploaded struct {
	By, At   string
	Verified verified
}

// uploads is how many bytes a form with files may have.
func uploads(path string) int64 {
	switch {
	case path == uploadPath:
		return archive.MaxBundle + uploadRoom
	case strings.HasPrefix(path, "/profiles/") && strings.HasSuffix(path, "/run"):
		return 2*maxBaseline + uploadRoom // a baseline, as a file or pasted
	}
	return 0
}

func (c *Console) showUpload(w http.ResponseWriter, r *http.Request, _ caller) error {
	return c.uploadPage(w, r, http.StatusOK, uploadPage{})
}

func (c *Console) uploadPage(w http.ResponseWriter, r *http.Request, status int, d uploadPage) error {
	d.Limit = archive.MaxBundle >> 20
	c.render(w, r, status, web.Page{
		Name: "upload", Title: c.text(r, "upload.title"), Section: "nav.runs", Data: d, Trail: []web.Crumb{{Text: c.text(r, "nav.runs"), Path: "/runs"}},
	})
	return nil
}

// takeUpload verifies a bundle that was made elsewhere and keeps it as it came. One that is not as it was written, or
// not as the reviewer expects it, is not kept.
func (c *Console) takeUpload(w http.ResponseWriter, r *http.Request, by caller) error {
	d := uploadPage{Keys: r.PostForm.Get("keys"), Given: strings.TrimSpace(r.PostForm.Get("challenge"))}
	refuse := func(sentence string) error {
		d.Refused = sentence
		return c.uploadPage(w, r, http.StatusUnprocessableEntity, d)
	}
	keys, err := publicKeys(d.Keys)
	if err != nil {
		d.Keys = "" // it may be a private one
		return refuse(c.text(r, "upload.noKey", printed(by.lang, err.Error())))
	}
	file, header, err := r.FormFile("bundle")
	if err != nil {
		return refuse(c.text(r, "upload.noFile"))
	}
	defer file.Close()
	select {
	case c.verifying <- struct{}{}: // one at a time: each may take much memory
		defer func() { <-c.verifying }()
	case <-r.Context().Done():
		return r.Context().Err()
	}
	b, err := bundle.Read(file)
	if err != nil {
		return refuse(c.text(r, "upload.unreadable", printed(by.lang, err.Error())))
	}
	ctx, cancel := context.WithTimeout(r.Context(), judgePatience)
	defer cancel()
	found, refused, err := c.verify(ctx, b, bundle.Expect{Keys: keys, Challenge: d.Given})
	if err != nil {
		return err
	}
	if refused != nil {
		for _, p := range refused.Problems {
			d.Problems = append(d.Problems, printed(by.lang, p))
		}
		d.More = max(0, len(d.Problems)-maxShown)
		d.Problems, d.Place = d.Problems[:min(len(d.Problems), maxShown)], refused.Place
		return refuse(c.text(r, refused.Lead))
	}
	found.File = clip(header.Filename)
	id, there, err := c.keepUpload(r.Context(), by, b, found)
	if errors.Is(err, archive.ErrTooLarge) {
		return refuse(c.text(r, "upload.tooLarge", archive.MaxBundle>>20))
	}
	if err != nil {
		return err
	}
	if there {
		return goTo(w, r, "/runs/"+id, "uploadedBefore")
	}
	return goTo(w, r, "/runs/"+id, "uploaded")
}

// keepUpload returns the id of the run, and whether it was there already: the same file, of which the same was found out.
func (c *Console) keepUpload(ctx context.Context, by caller, b *bundle.Bundle, found verified) (id string, there bool, err error) {
	proof, err := json.Marshal(found)
	if err != nil {
		return "", false, fmt.Errorf("keep what was verified: %w", err)
	}
	if id, err = c.uploadedBefore(ctx, by, b, found); id != "" || err != nil {
		return id, id != "", err
	}
	results, err := b.Results()
	if err != nil {
		return "", false, err
	}
	offer, _ := results.Profile["offer"].(string)
	run := archive.Run{
		ID: archive.NewID(), Owner: by.owner, Offer: clip(offer), UploadedBy: by.name, UploadedAt: c.options.Now().UTC(), Proof: string(proof),
	}
	return run.ID, false, c.archive.PutBundle(ctx, run, b)
}

// uploadedBefore is the run whose bundle is the same file, under whatever name, with the same found out about it; empty
// where there is none.
func (c *Console) uploadedBefore(ctx context.Context, by caller, b *bundle.Bundle, found verified) (string, error) {
	copies, _, err := c.archive.List(ctx, archive.Query{Owner: by.owner, Content: b.Digest()})
	if err != nil {
		return "", err
	}
	var given bytes.Buffer
	if err := b.Write(&given); err != nil {
		return "", fmt.Errorf("write the bundle again: %w", err)
	}
	for _, o := range copies {
		var was verified
		if o.Proof == "" || json.Unmarshal([]byte(o.Proof), &was) != nil {
			continue
		}
		if was.File = found.File; !reflect.DeepEqual(was, found) {
			continue
		}
		kept, err := c.archive.Bundle(ctx, by.owner, o.ID)
		if err != nil {
			return "", err
		}
		var file bytes.Buffer
		if err := kept.Write(&file); err != nil {
			return "", fmt.Errorf("write a kept bundle: %w", err)
		}
		if bytes.Equal(file.Bytes(), given.Bytes()) {
			return o.ID, nil
		}
	}
	return "", nil
}

// verify is what clementine report verify does, and in the same order: the bundle against itself and against what is
// expected, then its verdicts by a replay. A refusal says what does not hold; an error is ours.
func (c *Console) verify(ctx context.Context, b *bundle.Bundle, x bundle.Expect) (verified, *refusal, error) {
	v := b.Verify(x)
	if len(v.Problems) > 0 {
		lead := "upload.altered"
		if v.Whole {
			lead = "upload.unexpected"
		}
		return verified{}, &refusal{Lead: lead, Problems: v.Problems, Place: placeOf(b, v.Altered)}, nil
	}
	results, err := b.Results()
	if err != nil {
		return verified{}, nil, err // Verify has named it as a problem
	}
	if sentence := unusable(results, b.Decisions()); sentence != "" {
		return verified{}, &refusal{Lead: "upload.unusable", Problems: []string{sentence}}, nil
	}
	j, err := steps.Rejudge(ctx, results, steps.Options{Pack: c.options.Pack, Version: c.options.Version})
	var config *steps.ConfigError
	switch {
	case errors.As(err, &config):
		return verified{}, &refusal{Lead: "upload.unusable", Problems: []string{err.Error()}}, nil
	case err != nil:
		return verified{}, nil, err
	case ctx.Err() != nil:
		return verified{}, &refusal{Lead: "upload.tooLong"}, nil
	case len(j.Differences) > 0:
		return verified{}, &refusal{Lead: "upload.inconsistent", Problems: j.Differences}, nil
	}
	found := verified{
		Claims: bundle.Claims(v, x, len(b.Decisions())), Challenge: x.Challenge, Unknown: b.Unknown, Scenarios: len(results.Scenarios), Exchanges: len(results.Exchanges),
	}
	for _, key := range x.Keys {
		found.KeyIDs = append(found.KeyIDs, bundle.KeyID(key))
	}
	if !j.SameSuite {
		// The first claim is about verdicts, which another suite cannot check.
		found.Claims, found.Today = found.Claims[1:], reports.Conclude(j.Results.Requirements)
		for _, change := range j.Changes.Requirements[:min(len(j.Changes.Requirements), maxShown)] {
			found.Changes = append(found.Changes, todayChange{change.ID, string(change.A), string(change.B), change.Cause()})
		}
	}
	return found, nil, nil
}

// unusable says what keeps the console from showing results that are whole, such as a mode that there is not; empty for
// nothing.
func unusable(results reports.Results, decisions []reports.Decision) string {
	if !slices.Contains([]string{"sync", "async"}, results.Mode) {
		return fmt.Sprintf("mode is %q, not sync or async", reports.Plain(results.Mode))
	}
	for _, f := range []struct{ name, value string }{
		{"partner.name", results.Partner.Name}, {"partner.contract", results.Partner.Contract}, {"suite.version", results.Suite.Version},
		{"selection", results.Selection},
	} {
		if utf8.RuneCountInString(f.value) > maxName {
			return fmt.Sprintf("%s is longer than %d characters", f.name, maxName)
		}
	}
	for i, d := range decisions {
		results.Review = &reports.Review{Day: reports.Day(d.At), Decisions: decisions[:i]}
		if sentence := reports.CheckDecision(results, d); sentence != "" {
			return fmt.Sprintf("decision %d of the review: %s", i+1, sentence)
		}
	}
	return ""
}

func placeOf(b *bundle.Bundle, place int) *alteredPlace {
	results, err := b.Results()
	e, scenarios, there := results.At(place)
	if err != nil || !there {
		return nil
	}
	p := &alteredPlace{Exchange: e.ID, Call: reports.Plain(e.Request.Method + " " + e.Request.URL), Status: e.Response.Status, At: e.At.UTC().Format("2006-01-02 15:04:05 UTC")}
	for _, id := range scenarios {
		p.Scenarios = append(p.Scenarios, reports.Plain(id))
	}
	return p
}

// publicKeys reads PEM blocks, one after the other; none where the text is empty.
func publicKeys(text string) ([]ed25519.PublicKey, error) {
	const end = "-----END PUBLIC KEY-----"
	var keys []ed25519.PublicKey
	for text = strings.TrimSpace(text); text != ""; {
		one, rest, _ := strings.Cut(text, end)
		key, err := bundle.ParsePublicKey([]byte(strings.TrimSpace(one) + "\n" + end + "\n"))
		if err != nil {
			return nil, err
		}
		keys, text = append(keys, key), strings.TrimSpace(rest)
	}
	return keys, nil
}

// clip is a name that came from outside, no longer than a list shows it.
func clip(name string) string {
	if shown := []rune(name); len(shown) > maxName {
		return string(shown[:maxName-1]) + "…"
	}
	return name
}

// uploadOf is where a run came from; nil for one that was made here.
func uploadOf(run archive.Run, by caller) (*uploaded, error) {
	if run.UploadedAt.IsZero() {
		return nil, nil
	}
	u := &uploaded{By: run.UploadedBy, At: by.at(run.UploadedAt)}
	if err := json.Unmarshal([]byte(run.Proof), &u.Verified); err != nil {
		return nil, fmt.Errorf("read what was verified: %w", err)
	}
	for i, claim := range u.Verified.Claims {
		u.Verified.Claims[i] = printed(by.lang, claim)
	}
	for i, change := range u.Verified.Changes {
		u.Verified.Changes[i].Cause = said(by.lang, change.Cause)
	}
	return u, nil
}
