package console_test

import (
	"archive/zip"
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/clementine-ope/clementine/console"
	"github.com/clementine-ope/clementine/internal/profile"
	"github.com/clementine-ope/clementine/reports"
	"github.com/clementine-ope/clementine/reports/bundle"
)

// upload sends the form of a bundle.
func (b *browser) upload(file []byte, fields map[string]string) page {
	b.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	write := func(err error) {
		if err != nil {
			b.t.Fatal(err)
		}
	}
	write(form.WriteField("csrf", b.get("/upload").token(b.t)))
	for name, value := range fields {
		write(form.WriteField(name, value))
	}
	if file != nil {
		part, err := form.CreateFormFile("bundle", "from-acme.clem")
		write(err)
		_, err = part.Write(file)
		write(err)
	}
	write(form.Close())
	r, err := http.NewRequestWithContext(b.t.Context(), http.MethodPost, b.base+"/upload", &body)
	write(err)
	r.Header.Set("Content-Type", form.FormDataContentType())
	return b.do(r)
}

// madeElsewhere is the bundle of a run of another console.
func madeElsewhere(t testing.TB) []byte {
	t.Helper()
	f := newFixture(t, profile.Sync)
	b := newBrowser(t, f.serve(nil))
	id := b.run(b.setUp(reference(f.partner.URL(), profile.Sync)), url.Values{"mode": {"sync"}, "only": {"PO-UC1"}})
	b.follow(id, "not")
	return []byte(b.get("/runs/" + id + "/files/report.clem").body)
}

// rezip is a bundle with one entry changed.
func rezip(t testing.TB, file []byte, name string, change func([]byte) []byte) []byte {
	t.Helper()
	in, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, f := range in.File {
		rd, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		raw, err := io.ReadAll(rd)
		if err != nil {
			t.Fatal(err)
		}
		if f.Name == name {
			raw = change(raw)
		}
		w, err := z.Create(f.Name)
		if err == nil {
			_, err = w.Write(raw)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// packed is a bundle of changed results, whole in itself.
func packed(t testing.TB, file []byte, change func(*reports.Results)) []byte {
	t.Helper()
	b, err := bundle.Read(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	r, err := b.Results()
	if err != nil {
		t.Fatal(err)
	}
	change(&r)
	if b, err = bundle.New(r); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := b.Write(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// A reviewer takes a bundle in, reads, compares and reviews it, and sends it back with the review in it.
func TestUploadedBundle(t *testing.T) {
	t.Parallel()
	file := madeElsewhere(t)
	f := newFixture(t, profile.Sync)
	b := newBrowser(t, f.serve(nil))
	first := b.upload(file, nil)
	id, ok := strings.CutPrefix(first.at, "/runs/")
	if first.status != http.StatusOK || !ok {
		t.Fatalf("uploading answers %d at %s: %s", first.status, first.at, first.text(t))
	}
	for _, want := range []string{"Made elsewhere and uploaded", "Uploaded by Orange", "from-acme.clem", "Consistent: the replay of", "Origin unproven"} {
		if text := first.text(t); !strings.Contains(text, want) {
			t.Errorf("no %q on the page: %s", want, text)
		}
	}
	if again := b.upload(file, nil); again.at != first.at || !strings.Contains(again.text(t), "uploaded before") {
		t.Errorf("the same file again leads to %s: %s", again.at, again.text(t))
	}
	if text := b.get("/runs/" + id + "?lang=fr").text(t); !strings.Contains(text, "Produit ailleurs") || strings.Contains(text, "Origin unproven") {
		t.Errorf("in French the page reads %s", text)
	}
	b.get("/?lang=en")
	if b.setUp(reference(f.partner.URL(), profile.Sync)); strings.Contains(b.get("/runs/"+id).text(t), "Run again") {
		t.Error("a run that was made elsewhere can be run again")
	}
	if report := b.get("/runs/" + id + "/report"); report.status != http.StatusOK || !strings.Contains(report.body, "Reference partner") {
		t.Errorf("the report answers %d", report.status)
	}
	decided := b.post("/runs/"+id, "/runs/"+id+"/review", url.Values{"kind": {"refuse"}, "by": {"A Reviewer"}, "reason": {"It is partial."}})
	for _, want := range []string{"Nobody has signed this review", "Download the reviewed report.clem"} {
		if text := decided.text(t); !strings.Contains(text, want) {
			t.Errorf("no %q once it is decided: %s", want, text)
		}
	}
	f.comesBack(b, id)
}

// comesBack uploads a run's bundle with its review where the run is kept already.
func (f *fixture) comesBack(b *browser, id string) {
	t := f.t
	file := b.get("/runs/" + id + "/files/report.clem")
	back := b.upload([]byte(file.body), nil)
	if back.at == "/runs/"+id || !strings.Contains(back.text(t), "This run is refused.") {
		t.Errorf("a reviewed bundle that comes back is at %s: %s", back.at, back.text(t))
	}
	for at, other := range map[string]string{"/runs/" + id: back.at, back.at: "/runs/" + id} {
		if got := b.get(at); !strings.Contains(got.text(t), "This run was uploaded here as well, by Orange") || !strings.Contains(got.body, `href="`+console.Base+other+`"`) {
			t.Errorf("%s does not lead to %s: %s", at, other, got.text(t))
		}
	}
	// Of the two, only the one that came back says what nobody has proven.
	if list := b.get("/runs").text(t); strings.Count(list, "uploaded") < 2 || strings.Count(list, "refused unproven") != 1 {
		t.Errorf("the list does not mark what was uploaded: %s", list)
	}
	if text := back.text(t); !strings.Contains(text, "This run came back refused") || strings.Contains(text, "send it back to whoever") {
		t.Errorf("a reviewed bundle that comes back reads %s", text)
	}
	if got := b.get("/compare?a=" + id + "&b=" + strings.TrimPrefix(back.at, "/runs/")); got.status != http.StatusOK || !strings.Contains(got.text(t), "Nothing changed.") {
		t.Errorf("the comparison answers %d: %s", got.status, got.text(t))
	}
}

func TestSignedUpload(t *testing.T) {
	t.Parallel()
	file := madeElsewhere(t)
	f := newFixture(t, profile.Sync)
	b := newBrowser(t, f.serve(nil))
	private, public, id, err := bundle.GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	key, err := bundle.ParsePrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	opened, err := bundle.Read(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	opened.Sign(key)
	var signed bytes.Buffer
	if err := opened.Write(&signed); err != nil {
		t.Fatal(err)
	}
	if got := b.upload(signed.Bytes(), map[string]string{"keys": string(public)}); !strings.Contains(got.text(t), "Origin: the holder of key "+id) {
		t.Errorf("a signed bundle answers %d: %s", got.status, got.text(t))
	}
	got := b.upload(file, map[string]string{"keys": string(public)})
	if text := got.text(t); got.status != http.StatusUnprocessableEntity || !strings.Contains(text, "not as you expect it") || !strings.Contains(text, "no signature by key "+id) {
		t.Errorf("an unsigned bundle answers %d: %s", got.status, text)
	}
	if got := b.upload(file, map[string]string{"keys": string(private)}); got.status != http.StatusUnprocessableEntity || !strings.Contains(got.text(t), "PRIVATE KEY") || strings.Contains(got.body, "BEGIN PRIVATE") {
		t.Errorf("a private key answers %d: %s", got.status, got.text(t))
	}
}

// What does not hold is said, and not kept.
func TestRefusedUploads(t *testing.T) {
	t.Parallel()
	file := madeElsewhere(t)
	f := newFixture(t, profile.Sync)
	s := f.serve(nil)
	b := newBrowser(t, s)
	bomb := func([]byte) []byte { return make([]byte, reports.MaxBytes+1) }
	for _, tc := range []struct {
		name   string
		file   []byte
		fields map[string]string
		want   string
	}{
		{"no file", nil, nil, "Choose a bundle."},
		{"no zip", []byte("hello"), nil, "no bundle that can be read"},
		{"a zip bomb", rezip(t, file, "results.json", bomb), nil, "longer than 64 MiB"},
		{"an altered answer", rezip(t, file, "results.json", func(raw []byte) []byte {
			return bytes.Replace(raw, []byte(`"status": 200`), []byte(`"status": 201`), 1)
		}), nil, "is the first that is not the recorded one"},
		{"a verdict that does not follow", packed(t, file, func(r *reports.Results) {
			for i, q := range r.Requirements {
				if q.Verdict == reports.Passed {
					r.Requirements[i].Verdict = reports.Warning
				}
			}
			r.Counts = reports.Count(r.Requirements)
		}), nil, "not consistent"},
		{"another challenge", file, map[string]string{"challenge": "K7WQ-2026-11"}, "not the one that was given"},
		{"a mode that there is not", packed(t, file, func(r *reports.Results) { r.Mode = hostile }), nil, "not sync or async"},
		{"a long name", packed(t, file, func(r *reports.Results) { r.Partner.Name = strings.Repeat("x", 1<<16) }), nil, "longer than 200 characters"},
		{"a profile that is none", packed(t, file, func(r *reports.Results) { r.Profile = map[string]any{"offer": 1} }), nil, "cannot be judged"},
	} {
		got := b.upload(tc.file, tc.fields)
		if text := got.text(t); got.status != http.StatusUnprocessableEntity || !strings.Contains(text, tc.want) || !strings.Contains(text, "It was not kept.") {
			t.Errorf("%s answers %d: %.600s", tc.name, got.status, text)
		}
		if strings.Contains(got.body, "<script>alert") {
			t.Errorf("%s is not escaped", tc.name)
		}
	}
	if text := b.get("/runs").text(t); !strings.Contains(text, "No run is kept yet.") {
		t.Errorf("what was refused is kept: %s", text)
	}
	acme := signedIn(t, f.serve(guarded), "acme@x", password)
	if got := acme.get("/upload"); got.status != http.StatusForbidden {
		t.Errorf("a partner's upload answers %d", got.status)
	}
	if got := acme.send("/upload", url.Values{"csrf": {acme.get("/profiles/new").token(t)}}); got.status != http.StatusForbidden {
		t.Errorf("a partner's upload answers %d", got.status)
	}
}

// What another suite has judged is kept, and judged anew.
func TestUploadOfAnotherSuite(t *testing.T) {
	t.Parallel()
	file := packed(t, madeElsewhere(t), func(r *reports.Results) { r.Suite.Digest, r.Suite.Version = "sha256:00", "0.0.1" })
	f := newFixture(t, profile.Sync)
	b := newBrowser(t, f.serve(nil))
	got := b.upload(file, nil)
	if text := got.text(t); !strings.Contains(text, "Another suite than this one judged it") || !strings.Contains(text, "Judged anew") || strings.Contains(text, "Consistency:") {
		t.Errorf("it answers %d: %s", got.status, text)
	}
}
