package layout

// Limits on what a reader has to hold in mind at once; tests and generated files are exempt, and so is a function that
// does nothing but return a table, though not the functions in it.
const (
	MaxFileLines     = 400
	MaxFunctionLines = 60
)

// Folder is one row of the import table. Path is the folder from the module's root; the longest one that matches
// decides. MayImport names folders of this module: "a" is that folder alone, "a/..." everything below it too, and
// "..." anything.
type Folder struct {
	Path      string
	MayImport []string
}

// Folders returns the import table. A folder that is not in it must not exist.
func Folders() []Folder {
	return []Folder{
		{"features", nil},
		{"schemas", nil},
		{"wire", nil},
		{"reports", []string{"reports/french"}}, // the writers say it in French
		{"reports/french", []string{"internal/typography"}},
		{"reports/bundle", []string{"reports"}},
		{"reports/compare", []string{"reports"}},
		{"reports/baseline", []string{"reports"}},
		{"reports/archive", []string{"reports", "reports/bundle", "internal/..."}},
		{"harness", []string{"schemas", "reports", "internal/...", "mockorange/control"}},
		{"steps", []string{"features", "harness", "reports/...", "schemas", "internal/profile", "mockorange/control"}},
		{"mockorange", []string{"schemas", "internal/...", "mockorange/control", "mockorange/fault", "mockorange/state"}},
		{"mockorange/state", []string{"internal/...", "mockorange/control", "mockorange/fault"}},
		{"mockorange/control", []string{"internal/..."}},
		{"mockorange/fault", []string{"schemas", "mockorange/control", "internal/..."}},
		{"mockorange/portal", []string{"internal/...", "reports"}},
		{"mockorange/portal/api", []string{"mockorange/portal", "web", "internal/...", "reports"}},
		{"mockorange/portal/pages", []string{"mockorange/portal", "web", "internal/..."}},
		// The control port has its types in one place.
		{"mockorange/customerspace", []string{"billing", "mockorange/control", "internal/..."}},
		{"mockorange/openapi", []string{"mockorange/control", "internal/..."}},
		{"mockorange/ledger", []string{"billing", "mockorange/control", "internal/..."}},
		{"partner", []string{"partner/...", "wire", "internal/..."}},
		{"prove", []string{"steps", "partner/...", "reports/...", "mockorange/...", "schemas", "internal/..."}},
		{"billing", nil},
		{"billing/store", []string{"billing", "internal/..."}},
		{"billing/api", []string{"billing", "internal/..."}},
		{"billing/backoffice", []string{"billing", "internal/...", "web"}},
		{
			"console",
			// The faults are in one table, which the console's form is made from.
			[]string{"steps", "harness", "reports/...", "schemas", "mockorange/control", "mockorange/fault", "web", "internal/..."},
		},
		{"web", []string{"internal/..."}},
		{"cmd", []string{"..."}},
		{"bench", []string{"..."}},
		{"internal", []string{"internal/..."}},
		{"examples", nil},
		{"docs", nil},
		{"testcontainers", nil},
		{".ci", nil},
		{".github", nil},
	}
}

// Strangers are pairs of folders that meet over HTTP only: not even their tests may import each other.
func Strangers() [][2]string {
	return [][2]string{{"mockorange", "partner"}, {"partner", "mockorange"}}
}

// Doors says which folders alone may use an outside module, and why a second door would hurt. Tests are exempt; a
// module with no folder is for tests only.
func Doors() map[string][]string {
	// The judge reads and changes bytes by path; so do the partners that are made to fool it.
	bytesByPath := []string{"schemas", "harness", "mockorange", "partner/defect", "partner/variant", "partner/hostile"}
	return map[string][]string{
		"github.com/cucumber/godog":             {"steps"},   // verdicts are ours, not the runner's
		"github.com/alecthomas/kong":            {"cmd"},     // one reader of arguments and environment
		"github.com/santhosh-tekuri/jsonschema": {"schemas"}, // one judge of schemas, one wording
		"github.com/tidwall/gjson":              bytesByPath,
		"github.com/tidwall/sjson":              bytesByPath,
		"github.com/gin-gonic/gin":              {"mockorange", "partner", "billing", "cmd", "bench"},           // the protocol's servers
		"github.com/danielgtaylor/huma":         {"billing/api", "mockorange/portal/api", "mockorange/openapi"}, // schemas and OpenAPI of an API that is ours
		"modernc.org/sqlite":                    {"internal/database"},                                          // one place knows the engines
		"github.com/jackc/pgx":                  {"internal/database"},
		// The registry is passed in: nobody touches the default one.
		"github.com/prometheus/client_golang": {"internal/operations", "internal/outbox", "partner", "cmd"},
		"github.com/pressly/goose":            {"internal/database"},
		"github.com/go-pdf/fpdf":              {"mockorange/ledger"}, // what a page of money looks like
		"github.com/chromedp/chromedp":        {"web/webtest"},       // one way to start a browser
		"github.com/testcontainers":           {"internal/container"},
		"github.com/moby":                     {"internal/container"},
		"golang.org/x/net":                    nil,                // pages are parsed by tests only
		"github.com/getkin/kin-openapi":       nil,                // documents and answers are held against it by tests only
		"github.com/secure-systems-lab":       {"reports/bundle"}, // one place signs and checks signatures
		"pgregory.net/rapid":                  nil,
		"github.com/google/go-cmp":            nil, // its output is unstable on purpose
	}
}
