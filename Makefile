# Clementine. `make` alone says what there is to do.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

GO ?= go
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
# nomsgpack leaves out gin's MessagePack, a sixth of the binary that nothing here speaks; nocontainers the client of a
# container engine, which an image does not hold.
BUILD := -trimpath -tags nomsgpack -ldflags "-s -w -X main.version=$(VERSION)"
# In an image size counts: what no busy path runs through, such as HTTP/3, PDF and known mistakes, is not inlined there.
SMALL := $(patsubst %,-gcflags=%/...=-l,github.com/alecthomas github.com/bytedance github.com/cucumber \
	github.com/clementine-ope/clementine/partner/defect github.com/clementine-ope/clementine/partner/variant \
	github.com/danielgtaylor github.com/gabriel-vasile github.com/goccy github.com/go-jose github.com/go-pdf \
	github.com/go-playground github.com/jackc github.com/klauspost github.com/leodido github.com/pelletier \
	github.com/pressly github.com/prometheus github.com/quic-go github.com/ugorji go.mongodb.org go.opentelemetry.io \
	golang.org/x google.golang.org)
PACKAGES ?= ./...
# The race detector needs a C compiler, the program does not: where there is none, the tests run without it. SQLite, translated
# from C, keeps what it knows outside of Go's heap, which the detector does not watch: to instrument it only makes it slow.
RACE := $(shell if command -v "$${CC:-$$($(GO) env CC)}" >/dev/null 2>&1; then echo -race -gcflags=modernc.org/sqlite/lib=-race=false; fi)

.PHONY: help demo build image completions collections release-snapshot web docs pictures test test-long fuzz bench bench-peers soak vegeta crash prove proof lint sec vuln check clean

help: ## Show this help
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-17s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: build ## Judge the reference partner in both modes; reports in reports/out
	bin/clementine demo

build: ## Build bin/clementine
	CGO_ENABLED=0 $(GO) build $(BUILD) -o bin/clementine ./cmd/clementine

image: ## Build the container image clementine:VERSION and :latest: one static binary, nothing else
	rm -rf dist/image
	mkdir -p dist/image/root/data dist/image/root/reports dist/image/root/tmp
	CGO_ENABLED=0 GOOS=linux $(GO) build $(BUILD:nomsgpack=nomsgpack,nocontainers) $(SMALL) -o dist/image/clementine ./cmd/clementine
	docker build --quiet --file Dockerfile --tag clementine:$(VERSION) --tag clementine:latest dist/image
	docker image inspect --format 'image size: {{.Size}} bytes' clementine:latest

completions: build ## Write shell completions and the page for man(1) into dist/completions
	mkdir -p dist/completions
	for shell in bash zsh fish; do bin/clementine completion $$shell > dist/completions/clementine.$$shell; done
	bin/clementine manual --format man > dist/completions/clementine.1

collections: build ## Run the Postman collection with newman and lint the OpenAPI documents with spectral
	.ci/collections

release-snapshot: ## Build the archives of a release into dist/release, offline, with goreleaser
	goreleaser release --snapshot --clean --skip=publish,sign,sbom

web: ## Fetch Boosted and htmx from npm into web/assets/vendor, to be built in; without them pages use fallback.css
	npm --prefix web ci --ignore-scripts --no-audit --no-fund
	mkdir -p web/assets/vendor
	cp web/node_modules/boosted/dist/css/boosted.min.css web/node_modules/htmx.org/dist/htmx.min.js web/assets/vendor/

docs: ## Write the pages of docs/ that follow from code and data; a test fails where they are stale
	$(GO) run ./cmd/docs
	$(GO) run ./cmd/clementine manual > docs/commands.md.new
	mv docs/commands.md.new docs/commands.md

pictures: ## Take the pictures of docs/failing.md anew, from runs against the reference partner; needs Chromium and make web
	CLEMENTINE_PICTURES="$$PWD/docs/pictures" $(GO) test -count=1 -run '^TestPicturesOfAFailingPartner$$' ./cmd/clementine

test: ## Vet and test everything with the race detector (REQUIRE_ALL=1: a missing runtime fails)
	$(GO) vet $(PACKAGES)
	@if [ -z "$(RACE)" ]; then echo "no C compiler: the race detector is left out"; [ -z "$${REQUIRE_ALL:-}" ]; fi
	@for runtime in node python3 php java; do command -v $$runtime >/dev/null || \
	  { echo "$$runtime is not installed: its examples are left out"; [ -z "$${REQUIRE_ALL:-}" ]; }; done
	@if ! command -v initdb >/dev/null && ! compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null; then \
	  echo "PostgreSQL is not installed: its half of the storage suites is left out"; [ -z "$${REQUIRE_ALL:-}" ]; fi
	@if ! command -v chromium >/dev/null || [ ! -d web/node_modules/axe-core ] || [ ! -d web/assets/vendor ]; then \
	  echo "Chromium is not installed, or make web has not been run: pages are not looked at"; [ -z "$${REQUIRE_ALL:-}" ]; fi
	@command -v vegeta >/dev/null || [ -x bin/peers/vegeta ] || \
	  { echo "vegeta is not installed (make vegeta): the short soak is left out"; [ -z "$${REQUIRE_ALL:-}" ]; }
	@command -v soffice >/dev/null || { echo "LibreOffice is not installed: no CSV is opened in it"; [ -z "$${REQUIRE_ALL:-}" ]; }
	@# The program's own tests start it as child processes by the dozen, each a whole run: with the race detector they take
	@# as long as all others together, and what they run has its own tests with it. test-long has them with it, too.
	packages="$$($(GO) list $(PACKAGES))"; \
	  $(GO) test $(RACE) -timeout 20m $$(grep -v /cmd/clementine$$ <<<"$$packages"); \
	  $(GO) test -timeout 20m $$(grep /cmd/clementine$$ <<<"$$packages" || echo ./cmd/clementine)

test-long: ## The tests thrice in random order, their long forms with the whole proof, then fuzz: 1.5 to 2 hours on 2 cores
	$(GO) test $(RACE) -timeout 30m -count 3 -shuffle on $(PACKAGES)
	CLEMENTINE_LONG=1 CLEMENTINE_PROVE=full $(GO) test -count 1 -timeout 40m ./prove ./steps ./billing/... ./mockorange/portal/pages ./mockorange/customerspace
	$(MAKE) fuzz

fuzz: ## Run each fuzz target for FUZZTIME, 2m unless set: 50 minutes for the two dozen there are
	@packages="$$($(GO) list $(PACKAGES))"; \
	for package in $$packages; do \
	  listed="$$($(GO) test -list '^Fuzz' "$$package")"; \
	  for target in $$(grep '^Fuzz' <<<"$$listed" || true); do \
	    echo "fuzz $$package $$target"; \
	    $(GO) test -run '^$$' -fuzz "^$$target\$$" -fuzztime "$${FUZZTIME:-2m}" -fuzzminimizetime 100x "$$package"; \
	  done; \
	done

bench: build ## Measure: benchmarks, suite time beside a bare replay, start, memory
	$(GO) test -run '^$$' -bench . -benchmem $(PACKAGES) | grep -v -e 'no test files' -e '^ok' -e '^PASS'
	$(GO) run ./bench -clementine bin/clementine

# The peers, pinned: those that run on Node by bench/peers/node/package-lock.json. None of them is in go.mod.
VEGETA := github.com/tsenart/vegeta/v12@v12.13.0
STRIPE_MOCK := github.com/stripe/stripe-mock@v0.203.0

bench-peers: build vegeta ## Measure beside newman, Prism, stripe-mock, oauth2-mock-server, ajv and plain SQL (ROUNDS=5)
	npm --prefix bench/peers/node ci --ignore-scripts --no-audit --no-fund
	GOBIN="$(CURDIR)/bin/peers" $(GO) install $(STRIPE_MOCK)
	$(GO) build -trimpath -o bin/bench-peers ./bench/peers
	bin/bench-peers -rounds $${ROUNDS:-5}

vegeta: ## Install the load generator of bench-peers, soak and the soak's tests into bin/peers
	GOBIN="$(CURDIR)/bin/peers" $(GO) install $(VEGETA)

soak: build vegeta ## Load the program for long (SOAK=10m): events with faults on, 20 partners at once, billing; nothing may be lost
	$(GO) build -trimpath -o bin/soak ./bench/soak/run
	bin/soak -duration $${SOAK:-10m} -seed $${SEED:-1}

crash: build ## Kill partner and mock at random moments, fill or cut off their stores: SQLite (KILLS=200), PostgreSQL (half); nothing may be lost
	$(GO) build -trimpath -o bin/crash ./bench/crash/run
	bin/crash -clementine bin/clementine -engine postgresql -kills $$(( $${KILLS:-200} / 2 )) -seed $${SEED:-1}
	bin/crash -clementine bin/clementine -engine sqlite -kills $${KILLS:-200} -seed $${SEED:-1}

prove: build ## Run the suite against every known wrong, right and hostile partner
	bin/clementine prove --check-proof --replay --out reports/out/prove

proof: build ## Measure anew what runs tell partners of the suite: schemas/mba-2.2/proof.json (minutes)
	bin/clementine prove --update-proof schemas/mba-2.2/proof.json

lint: ## Lint with golangci-lint, or with go vet and gofmt where it is not installed
	@if command -v golangci-lint >/dev/null; then golangci-lint run $(PACKAGES); else \
	  echo "golangci-lint is not installed: go vet and gofmt only"; \
	  $(GO) vet $(PACKAGES); \
	  unformatted="$$(gofmt -l $$(git ls-files '*.go'))"; \
	  if [ -n "$$unformatted" ]; then echo "not gofmt'ed:" $$unformatted; exit 1; fi; fi

# Tools that are not in go.mod, so that its graph stays that of the program.
GOSEC := github.com/securego/gosec/v2/cmd/gosec@v2.30.0
GOVULNCHECK := golang.org/x/vuln/cmd/govulncheck@v1.9.0

# Left out as a whole: G404, because what is random by math/rand has to come again from its seed, or is the jitter of a pause, and
# secrets come from crypto/rand; G115, because days, months, places and counts stay far below the narrower type, and amounts
# have arithmetic of their own that is checked; bench, which starts programs and reads files for a living and is in no release.
# What else is left alone says so at its line: #nosec, the rule, and why.
sec: ## Look for insecure code with gosec; a finding fails
	GOBIN="$(CURDIR)/bin/tools" $(GO) install $(GOSEC)
	bin/tools/gosec -quiet -exclude=G404,G115 -exclude-dir=bench -exclude-dir=testcontainers -exclude-dir=web/node_modules ./...

vuln: ## Look for known vulnerabilities that are reached, with govulncheck; says so where its database can't be asked
	GOBIN="$(CURDIR)/bin/tools" $(GO) install $(GOVULNCHECK)
	.ci/vuln bin/tools/govulncheck

check: lint test demo prove ## Everything that a change must pass

clean: ## Remove what was built
	rm -rf bin dist reports/out
