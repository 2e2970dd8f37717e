package main_test

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

func TestReadmePage(t *testing.T) {
	t.Parallel()
	newDesk(t).follow("README.md", notRun("README.md"))
}

func TestFirstRunPage(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.copyFolder("examples")
	d.follow("docs/first-run.md", notRun("docs/first-run.md"))
}

func TestFailingPage(t *testing.T) {
	t.Parallel()
	newDesk(t).follow("docs/failing.md", nil)
}

func TestLanguagesPage(t *testing.T) {
	t.Parallel()
	newDesk(t).follow("docs/languages.md", notRun("docs/languages.md"))
}

// judged is a desk at which the reference partner serves, by the profile that profile init writes, and has been judged.
func judged(t *testing.T) *desk {
	t.Helper()
	d := newDesk(t)
	d.run("clementine profile init partner.yaml")
	d.start("clementine partner --profile partner.yaml")
	d.run("clementine run --profile partner.yaml")
	return d
}

func TestProfilePage(t *testing.T) {
	t.Parallel()
	newDesk(t).follow("docs/profile.md", nil)
}

// The pages for those who have a partner that serves, the examples of each command's help among them.
func TestPagesOnAPartnerThatServes(t *testing.T) {
	t.Parallel()
	d := judged(t)
	d.follow("docs/steps.md", nil)
	d.follow("docs/ci.md", notRun("docs/ci.md"))
	d.once = true
	d.run("mkdir old new && cp reports/out/results.json old && cp reports/out/results.json new")
	d.run("clementine contract export new-pack")
	d.run("cp reports/out/report.clem report.clem && cp reports/out/report.clem last-month.clem")
	d.follow("docs/commands.md", notRun("docs/commands.md"))
}

// An Orange that calls the fleet of a licence fleetId, as the page has it, and a partner that does so too.
func TestContractPackPage(t *testing.T) {
	t.Parallel()
	d := judged(t)
	d.running["clementine partner"]()
	said := background(t, "tokens come from", "partner", "--listen", "127.0.0.1:0", "--profile", filepath.Join(d.folder, "partner.yaml"))
	renaming(t, address.FindString(said), "127.0.0.1:"+d.ports["8081"])
	d.run("clementine contract export given && mkdir orange")
	d.run("sed s/relatedProductRefId/fleetId/g given/examples/licences/valid-fleet.json > orange/licences.json")
	d.follow("docs/contract-pack.md", nil)
}

// renaming serves a partner under another address, and calls relatedProductRefId fleetId on the way.
func renaming(t *testing.T, partner, listen string) {
	t.Helper()
	at, err := url.Parse(partner)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(at)
	proxy.ModifyResponse = func(r *http.Response) error {
		body, err := io.ReadAll(r.Body)
		body = bytes.ReplaceAll(body, []byte("relatedProductRefId"), []byte("fleetId"))
		r.Body = io.NopCloser(bytes.NewReader(body))
		r.ContentLength = int64(len(body))
		r.Header.Set("Content-Length", strconv.Itoa(len(body)))
		return err
	}
	l, err := net.Listen("tcp", listen)
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: proxy, ReadHeaderTimeout: time.Minute}
	go func() { _ = server.Serve(l) }() // it ends when it is closed
	t.Cleanup(func() { _ = server.Close() })
}

// followed are the pages of which every command is run, by the test that does it.
func followed() map[string]string {
	return map[string]string{
		"README.md":             "TestReadmePage",
		"docs/billing.md":       "TestBillingPageRuns",
		"docs/ci.md":            "TestPagesOnAPartnerThatServes",
		"docs/commands.md":      "TestPagesOnAPartnerThatServes",
		"docs/contract-pack.md": "TestContractPackPage",
		"docs/customerspace.md": "TestCustomerSpacePageRuns",
		"docs/failing.md":       "TestFailingPage",
		"docs/first-run.md":     "TestFirstRunPage",
		"docs/gateway.md":       "TestDocumentedCalls",
		"docs/languages.md":     "TestLanguagesPage",
		"docs/ledger.md":        "TestLedgerPageRuns",
		"docs/operations.md":    "TestOperationsPage",
		"docs/portal.md":        "TestPortalPageRuns",
		"docs/profile.md":       "TestProfilePage",
		"docs/reviewing.md":     "TestTheReviewersGuide",
		"docs/reviewing.fr.md":  "TestTheReviewersGuide",
		"docs/steps.md":         "TestPagesOnAPartnerThatServes",
	}
}

// notRun are the lines of a page that no test of that page runs, each with the reason. All of them are parsed
// (TestDocumentedCommandsParse), and targets of make are looked for (TestDocumentedTargets).
func notRun(page string) map[string]string {
	const (
		network   = "it needs the network"
		engine    = "it needs a container engine and an image; .ci/image has them"
		built     = "the program that is tested is built already"
		ci        = "it is a step of .ci/run"
		long      = "it takes minutes; .ci/run has it in make prove"
		cutOff    = "it has to be cut off in between: TestResumedRunComesToTheSame"
		reviewing = "it needs a bundle that was reviewed and signed: TestTheReviewersGuide"
		serving   = "serve is started and asked by the tests of docs/gateway.md, docs/ledger.md and docs/languages.md"
		shell     = "it is for another shell than the tests': TestCompletionOfOtherShells"
		examples  = "TestRunPassesTheExamplePartners starts it on a free port and judges it"
		person    = "it waits for a person"
		maker     = "it is for those who change the program, and tests it or writes into its tree"
	)
	return map[string]map[string]string{
		"README.md": {
			"git clone https://github.com/clementine-ope/clementine && cd clementine": network,
			"make demo": ci,
			"bin/clementine run --partner http://localhost:8081 --profile partner.yaml": "it is for a server of the reader's own; the same without --partner is run below",
		},
		"CONTRIBUTING.md": {
			"make                # lists what there is to do":                                                                                   maker,
			"make web            # style sheets and scripts from npm, once; without them pages are plain":                                       ci,
			"go test ./steps     # while you work: the packages that you touch":                                                                 maker,
			"make check          # what a change must pass":                                                                                     maker,
			"make docs           # after a change to flags, the profile's schema, sentences, requirements, defects, faults or the import table": maker,
			"clementine partner --defect one-licence-short                   # look at it":                                                      "TestReadmePage starts it",
			"clementine prove --only one-licence-short --mode async --verbose   # and whether it is caught":                                     "TestPagesOnAPartnerThatServes runs it",
		},
		"docs/ci.md": {
			"clementine run --profile partner.yaml --partner-image acme/server:1.4 --partner-port 8080 --partner-env 'ORANGE_URL={gateway};ORANGE_TOKEN_URL={token}'": engine,
		},
		"docs/collections/README.md": {"clementine serve --demo": "make collections starts it, a step of .ci/run"},
		"docs/commands.md": {
			"clementine demo":  ci,
			"clementine prove": long,
			"clementine run --partner http://localhost:8081 --profile partner.yaml":                                   "TestFirstRunPage runs as much",
			"clementine run --contract pack --profile partner.yaml":                                                   "TestContractPackPage runs it",
			"clementine demo --out demo-reports --lang fr":                                                            ci,
			"clementine profile init partner.yaml   # never overwrites":                                               "TestProfilePage runs it",
			"clementine prove --full --out proof":                                                                     long,
			"clementine run --profile partner.yaml --resume                    # goes on after kill, crash or Ctrl-C": cutOff,
			"clementine serve            # then open /console to set up a partner and judge it":                       serving,
			"clementine serve --demo     # then open /backoffice":                                                     serving,
			"clementine serve --database orange.db":                                                                   serving,
			"curl -u demo:demo-secret -d grant_type=client_credentials http://127.0.0.1:8090/oauth/v3/token":          serving,
			"curl http://127.0.0.1:8091/control/journal   # what has arrived":                                         serving,
			"clementine run --orange http://127.0.0.1:8091 --profile partner.yaml":                                    "TestRunPassesTheReferencePartner runs with --orange",
			"clementine billing serve --demo":                                                                         "TestBillingCommands",
			"clementine billing serve --database billing.db":                                                          "TestBillingPageRuns",
			`clementine report dispute report.clem --finding PO-UC2-02 --claim "The third licence comes with the next event." --by "A. Partner" -o dispute.html`: "it needs a run that failed: TestTheReviewersGuide",
			"clementine report verify report.clem --challenge K7WQ-2026-11 --key orange.pub":                                                                     reviewing,
			`clementine report review report.clem --waive PO-UC2-02 --until 2026-12-31 --reason "fixed in their next release" --by "A. Reviewer"`:                reviewing,
			"clementine profile init | less": person,
			"clementine health":              "TestHealth and TestHealthOverTLS",
			"clementine health https://127.0.0.1:9090/readyz --ca clementine-tls/ca.pem": "TestHealth and TestHealthOverTLS",
			`clementine completion zsh > "${fpath[1]}/_clementine"`:                      shell,
			"clementine completion fish > ~/.config/fish/completions/clementine.fish":    shell,
		},
		"examples/node/README.md": {
			"node examples/node/partner.mjs                                   # listens on 127.0.0.1:8082": examples,
			"clementine run --partner http://127.0.0.1:8082 --profile examples/node/profile.yaml":          examples,
		},
		"examples/python/README.md": {
			"python3 examples/python/partner.py                               # listens on 127.0.0.1:8083": examples,
			"clementine run --partner http://127.0.0.1:8083 --profile examples/python/profile.yaml":        examples,
		},
		"docs/first-run.md": {
			"git clone https://github.com/clementine-ope/clementine": network,
			"cd clementine": built,
			"make build":    built,
		},
		"docs/languages.md": {
			"docker run -d --rm --name orange -p 127.0.0.1:8090:8090 -p 127.0.0.1:8091:8091 -e CLEMENTINE_CONTROL_TOKEN=steer clementine:latest": engine,
			"docker stop orange": engine,
		},
		"docs/proof.md": {
			"make prove    # default proof, compared with proof.json; exit code 1 where they differ":                                  ci,
			"make proof    # writes proof.json anew: each fault by its requirement, by the whole suite, and with the leanest profile": maker,
			"clementine prove --only one-licence-short --mode async --verbose":                                                        "TestPagesOnAPartnerThatServes runs it",
		},
		"docs/resume.md": {
			"clementine run --profile partner.yaml --out reports/out            # killed, interrupted, or the machine went away": cutOff,
			"clementine run --profile partner.yaml --out reports/out --resume":                                                   cutOff,
		},
	}[page]
}
