package schemas_test

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/clementine-ope/clementine/schemas"
)

func builtinPack(t testing.TB) *schemas.Pack {
	t.Helper()
	p, err := schemas.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestBuiltinIsTheFolder(t *testing.T) {
	t.Parallel()
	p := builtinPack(t)
	dir, err := schemas.LoadDir("mba-2.2")
	if err != nil {
		t.Fatal(err)
	}
	if p.Name != "mba-2.2" || p.Version != "2.2.0" || !strings.HasPrefix(p.Digest, "sha256:") || len(p.Digest) != 71 {
		t.Errorf("name %q, version %q, digest %q", p.Name, p.Version, p.Digest)
	}
	if p.Digest != dir.Digest {
		t.Errorf("the embedded pack and its folder differ: %s, %s", p.Digest, dir.Digest)
	}
}

func TestDigestCoversNamesAndContents(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	load := func(name string, change func(fstest.MapFS)) {
		files := builtinFiles(t)
		change(files)
		p, err := schemas.Load(files)
		if err != nil {
			t.Fatal(err)
		}
		if other, ok := seen[p.Digest]; ok {
			t.Errorf("%s and %s have one digest", name, other)
		}
		seen[p.Digest] = name
	}
	load("as it is", func(fstest.MapFS) {})
	load("one byte more", func(f fstest.MapFS) { f["contract.yaml"].Data = append(f["contract.yaml"].Data, '\n') })
	load("a file more", func(f fstest.MapFS) { f["notes.txt"] = &fstest.MapFile{} })
	load("another name", func(f fstest.MapFS) { f["note.txts"] = &fstest.MapFile{} })
}

func TestRoles(t *testing.T) {
	t.Parallel()
	p := builtinPack(t)
	want := schemas.Endpoint{
		Role: "licences", Serves: "partner", Method: "GET", Path: "/userservice/v2/userService",
		Query: map[string]string{"fleet": "productRefId", "ids": "id"},
	}
	if diff := cmp.Diff(want, p.Endpoint("licences")); diff != "" {
		t.Error(diff)
	}
	for role, want := range map[string]string{
		"order.fleet": "orderItem.0.productRef.id", "contact.givenName": "givenName", "event.licences": "resource.userServices",
	} {
		if got := p.Path(role); got != want {
			t.Errorf("path %s is %q, want %q", role, got, want)
		}
	}
	for role, want := range map[string]string{
		"event.orderCompleted": "completedStateNotification", "role.fleetManager": "customerFleetManager", "reference.type": "orange",
	} {
		if got := p.Value(role); got != want {
			t.Errorf("value %s is %q, want %q", role, got, want)
		}
	}
}

func TestWhatIsHandedOutIsACopy(t *testing.T) {
	t.Parallel()
	p, err := schemas.LoadDir("mba-2.2")
	if err != nil {
		t.Fatal(err)
	}
	p.Endpoint("licences").Query["fleet"] = "changed"
	p.Requirements()[0].ID = "changed"
	p.Interpretations()[0].ID = "changed"
	if p.Endpoint("licences").Query["fleet"] != "productRefId" || p.Requirements()[0].ID != "GEN-01" || p.Interpretations()[0].ID != "L-01" {
		t.Error("a caller changed the pack")
	}
}

func TestCatalogue(t *testing.T) {
	t.Parallel()
	p := builtinPack(t)
	all := p.Requirements()
	if len(all) != 85 {
		t.Errorf("%d requirements, want 85", len(all))
	}
	features := []string{
		"", "changeOffering", "consultById", "endUser", "events", "production", "realizingResource", "renewLogin",
		"technicalInformation", "uc5",
	}
	for _, r := range all {
		if r.TextFR == "" || r.TextFR == r.Text {
			t.Errorf("%s has no French text", r.ID)
		}
		if strings.Contains(r.Text+r.TextFR, "wire.md") {
			t.Errorf("%s names a document that readers don't have", r.ID)
		}
		if !slices.Contains(features, r.Feature) {
			t.Errorf("%s is switched by %q, which no profile declares", r.ID, r.Feature)
		}
		if (r.Level == "optional") != (r.Feature != "" && r.Level != "mandatory" && r.Level != "advice") {
			t.Errorf("%s is %s with feature %q", r.ID, r.Level, r.Feature)
		}
		if r.TextIn("fr") != r.TextFR || r.TextIn("en") != r.Text || r.TextIn("de") != r.Text {
			t.Errorf("%s: TextIn gives the wrong language", r.ID)
		}
		if needs := p.Needs(r.ID); slices.Contains(needs, r.ID) || !slices.IsSorted(needs) {
			t.Errorf("needs of %s: %v", r.ID, needs)
		}
	}
	if got, ok := p.Requirement("PO-UC2-05"); !ok || got.When != "async" || !cmp.Equal(got.Needs, []string{"PO-UC3-02", "AUTH-01", "AUTH-02", "GEN-10"}) {
		t.Errorf("PO-UC2-05 is %+v", got)
	}
	if _, ok := p.Requirement("PO-UC9-01"); ok {
		t.Error("PO-UC9-01 is found")
	}
	if diff := cmp.Diff([]string{"AUTH-01", "AUTH-02", "AUTH-05", "GEN-10", "PO-UC4-05"}, p.Needs("US-UC6-01")); diff != "" {
		t.Error(diff)
	}
}

func TestLedger(t *testing.T) {
	t.Parallel()
	p := builtinPack(t)
	ledger := p.Interpretations()
	if len(ledger) != 12 {
		t.Errorf("%d interpretations, want 12", len(ledger))
	}
	for _, i := range ledger {
		if i.Origin == "" || len(i.Clauses) == 0 || len(i.Requirements) == 0 {
			t.Errorf("%s lacks its origin, clauses or requirements", i.ID)
		}
	}
}

func TestLoadDirErrors(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct{ name, dir, want string }{
		{"missing folder", filepath.Join(t.TempDir(), "none"), "read contract pack"},
		{"file", file, "is not a folder"},
		{"empty folder", t.TempDir(), "contract.yaml:1: there is no such file"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := schemas.LoadDir(tt.dir)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error is %v, want one with %q", err, tt.want)
			}
		})
	}
}

func TestPackIsBounded(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, want string
		change     func(fstest.MapFS)
	}{
		{"large file", "notes.txt is not a file of at most", func(f fstest.MapFS) { f["notes.txt"] = &fstest.MapFile{Data: make([]byte, 5<<20)} }},
		{"device", "notes.txt is not a file of at most", func(f fstest.MapFS) { f["notes.txt"] = &fstest.MapFile{Mode: fs.ModeNamedPipe} }},
		{"many files", "more than 2000 files", func(f fstest.MapFS) {
			for i := range 2001 {
				f["notes/"+strconv.Itoa(i)] = &fstest.MapFile{}
			}
		}},
		{"large contract", "contract.yaml:1: larger than", func(f fstest.MapFS) { f["contract.yaml"].Data = make([]byte, 2<<20) }},
		{"deep contract", "contract.yaml:1: nested too deep", func(f fstest.MapFS) { f["contract.yaml"].Data = []byte(strings.Repeat("[", 1000)) }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			files := builtinFiles(t)
			tt.change(files)
			if _, err := schemas.Load(files); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error is %v, want one with %q", err, tt.want)
			}
		})
	}
}

func TestHiddenFilesAreNoPartOfAPack(t *testing.T) {
	t.Parallel()
	files := builtinFiles(t)
	files[".git/huge"] = &fstest.MapFile{Data: make([]byte, 5<<20)}
	files[".DS_Store"] = &fstest.MapFile{Data: []byte("x")}
	p, err := schemas.Load(files)
	if err != nil {
		t.Fatal(err)
	}
	if p.Digest != builtinPack(t).Digest {
		t.Error("a hidden file changes the digest")
	}
}

func TestLoadNamesFileAndLine(t *testing.T) {
	t.Parallel()
	files := builtinFiles(t)
	text := strings.Replace(string(files["contract.yaml"].Data), "name: mba-2.2", "nam: mba-2.2", 1)
	files["contract.yaml"].Data = []byte(text)
	_, err := schemas.Load(files)
	var packErr *schemas.PackError
	if !errors.As(err, &packErr) {
		t.Fatalf("error is %v, want a *PackError", err)
	}
	line := 1 + strings.Count(text[:strings.Index(text, "nam: ")], "\n")
	if packErr.File != "contract.yaml" || packErr.Line != line || !strings.HasPrefix(packErr.Msg, "the contract: unknown key nam, did you mean name?") {
		t.Errorf("error is %v, want line %d", err, line)
	}
}

func TestExport(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "new", "pack")
	if err := schemas.Export(dir); err != nil {
		t.Fatal(err)
	}
	p, err := schemas.LoadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if want := builtinPack(t).Digest; p.Digest != want {
		t.Errorf("the exported pack has digest %s, want %s", p.Digest, want)
	}
	if problems := schemas.Check(os.DirFS(dir)); len(problems) > 0 {
		t.Errorf("the exported pack has problems:\n%s", listed(problems))
	}
	if err := schemas.Export(dir); err == nil || !strings.Contains(err.Error(), "is not empty") {
		t.Errorf("exporting over a pack gives %v", err)
	}
}

// A partner that holds Orange's own files renames what differs, in all files alike.
func TestRenamedPackHolds(t *testing.T) {
	t.Parallel()
	renames := strings.NewReplacer("userServices", "userService", "orderItem", "orderItems", "relatedProductRefId", "fleetId")
	files := builtinFiles(t)
	changed := map[string]bool{}
	for name, file := range files {
		text := renames.Replace(string(file.Data))
		changed[filepath.Dir(name)] = changed[filepath.Dir(name)] || text != string(file.Data)
		files[name] = &fstest.MapFile{Data: []byte(text)}
	}
	for _, dir := range []string{".", "schemas", "payloads", "examples/licences"} {
		if !changed[dir] {
			t.Errorf("nothing was renamed in %s", dir)
		}
	}
	if problems := schemas.Check(files); len(problems) > 0 {
		t.Fatalf("the renamed pack has problems:\n%s", listed(problems))
	}
	p, err := schemas.Load(files)
	if err != nil {
		t.Fatal(err)
	}
	if got := p.Path("order.fleet"); got != "orderItems.0.productRef.id" {
		t.Errorf("order.fleet is %s", got)
	}
	body := []byte(`[{"id": "1", "relatedProductRefId": "f", "state": "active", "productOffering": {"externalReference": {"id": "S"}}}]`)
	got := p.Judge("licences", "application/json", body)
	want := []schemas.Violation{{
		Requirement: "PO-UC2-03", Path: "$[0].fleetId", Expected: `member "fleetId"`,
		Seen: "members id, relatedProductRefId, state, productOffering", Keyword: "required",
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// The same replacement, name after name, as a person with an editor does it.
func TestRenamedOneAfterTheOther(t *testing.T) {
	t.Parallel()
	files := builtinFiles(t)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		text := string(files[name].Data)
		text = strings.ReplaceAll(text, "userServices", "userService")
		text = strings.ReplaceAll(text, "orderItem", "orderItems")
		text = strings.ReplaceAll(text, "relatedProductRefId", "fleetId")
		files[name].Data = []byte(text)
	}
	if problems := schemas.Check(files); len(problems) > 0 {
		t.Errorf("the renamed pack has problems:\n%s", listed(problems))
	}
}

// Each schema of the code's list has at least one valid and three invalid examples; Check runs them.
func TestExamplesAreEnough(t *testing.T) {
	t.Parallel()
	dirs, err := fs.ReadDir(os.DirFS("mba-2.2/examples"), ".")
	if err != nil {
		t.Fatal(err)
	}
	if len(dirs) != 15 {
		t.Errorf("examples for %d schemas, want 15", len(dirs))
	}
	for _, dir := range dirs {
		valid, err1 := filepath.Glob(filepath.Join("mba-2.2/examples", dir.Name(), "valid-*.json"))
		want, err2 := filepath.Glob(filepath.Join("mba-2.2/examples", dir.Name(), "invalid-*.want.json"))
		if err := errors.Join(err1, err2); err != nil {
			t.Fatal(err)
		}
		if len(valid) < 1 || len(want) < 3 {
			t.Errorf("%s has %d valid and %d invalid examples", dir.Name(), len(valid), len(want))
		}
	}
}

func TestTextIn(t *testing.T) {
	t.Parallel()
	p := builtinPack(t)
	q, _ := p.Requirement("GEN-11")
	for _, tt := range []struct{ name, lang, id, text, want string }{
		{"as the pack words it", "fr", q.ID, q.Text, q.TextFR},
		{"judged in French", "en", q.ID, q.TextFR, q.Text},
		{"worded otherwise", "fr", q.ID, "No answer is partial.", "No answer is partial."},
		{"of another's", "fr", "OWN-01", q.Text, q.Text},
	} {
		if got := p.TextIn(tt.lang, tt.id, tt.text); got != tt.want {
			t.Errorf("%s: %q, not %q", tt.name, got, tt.want)
		}
	}
}
