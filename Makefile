# make            what there is to make
# make run        a demo practice in ./demo-data, served on http://127.0.0.1:8080
# make test       every test
# make check      format, vet, staticcheck, generated files, types, known vulnerabilities
#
# A machine needs Go, Node with npm, and make. PostgreSQL and Chromium are for tests alone: what needs them is skipped
# where they are missing, and fails there if CI=true.

SHELL       := bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

DATA     ?= demo-data
VULNDB   ?= ../shared/vulndb
TEST     ?= ./...
TESTARGS ?=
BENCHARGS ?=
FUZZTIME ?= 5s
KILLS    ?= 200
MINUTES  ?= 60
# What the compiler is told of where the server spends its time. It compiles everything once more for that, which takes
# minutes on few processors; PGO=off does without.
PGO      ?= cmd/osler/serve.pgo

GOFILES   = $(shell find . -name '*.go' -not -path './node_modules/*' -not -path './build/*')
HL7       = build/hapi-fhir-validation-resources-r4-8.2.0.jar
PACKAGES  = ../shared/data/packages
CDSI      = ../shared/data/cdsi/v4.64-508

# What the race detector is worth its time for: whatever is used by many requests at once.
RACE = ./clock/... ./config/... ./store/... ./record/... ./identity/... ./slice/... ./web/... ./exchange/... ./jobs/... ./outbound/...

# Not under the race detector, which makes everything slow: thousands of searches one after the other, and a test of how
# soon a search gives up.
NORACE = ^(TestUSCoreSearches|TestSearchTime)$$

.PHONY: help
help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 14

# Build

.PHONY: build run assets profile
build: bin/osler ## bin/osler, one static binary

run: bin/osler ## a demo practice, served
	bin/osler demo --data $(DATA)

.PHONY: bin/osler
bin/osler: assets
	CGO_ENABLED=0 go build -trimpath -pgo $(PGO) -ldflags '-s -w' -o $@ ./cmd/osler

profile: assets ## cmd/osler/serve.pgo, from the workload of docs/performance.md on SQLite: where a server spends its time
	CGO_ENABLED=0 go build -tags profile -trimpath -o bin/osler-profile ./cmd/osler
	rm -f cmd/osler/serve.pgo
	CPUPROFILE=$(CURDIR)/cmd/osler/serve.pgo go run ./bench --osler bin/osler-profile --clients 8 --rounds 1 --measure 2500ms $(BENCHARGS)

assets: web/dist/manifest.json ## scripts and styles, bundled into web/dist

node_modules/.package-lock.json: package.json package-lock.json .npmrc
	npm ci --ignore-scripts --no-audit --no-fund
	@touch $@

web/dist/manifest.json: node_modules/.package-lock.json $(wildcard web/ts/*.ts web/css/*.css cmd/assets/*.go)
	go run ./cmd/assets
	@touch $@

# Generated files; all are committed, so that building needs none of this

.PHONY: generate definitions vaccines
generate: node_modules/.package-lock.json ## pages, icons and the grid, from their sources
	go tool templ generate -log-level warn
	go run ./cmd/assets -icons
	go run ./cmd/assets -grid

definitions: ## tables of fhir/definitions, from HL7's own files (see internal/gen)
	go run ./internal/gen -definitions $(HL7) -packages $(PACKAGES)

vaccines: ## the immunization schedule, from CDC's supporting data (see internal/cdsi)
	go run ./internal/cdsi -data $(CDSI)

# Test

.PHONY: test race fuzz prove bench growth conform microbench
test: assets ## every test
	go test -timeout 30m $(TESTARGS) $(TEST)

race: assets ## what serves many requests at once, under the race detector, short
	CGO_ENABLED=1 go test -race -short -skip '$(NORACE)' -timeout 30m $(TESTARGS) $(RACE)

fuzz: ## every fuzz target for FUZZTIME (5s)
	@.ci/fuzz $(FUZZTIME)

prove: assets ## the long proofs: KILLS (200) kills, MINUTES (60) of a clinic under kills, ten minutes for each fuzz target
	KILLS=$(KILLS) go test -count 1 -timeout 4h -run 'Killed' -skip 'TestKilledClinic' -v ./cmd/osler
	MINUTES=$(MINUTES) go test -count 1 -timeout 4h -run 'TestKilledClinic' -v ./cmd/osler
	$(MAKE) fuzz FUZZTIME=10m

bench: bin/osler ## the workload of docs/performance.md, on both stores
	go run ./bench --osler bin/osler $(BENCHARGS)
	go run ./bench --osler bin/osler --database private $(BENCHARGS)
	go run ./bench --osler bin/osler --charts $(BENCHARGS)

growth: bin/osler ## how costs grow from 10 thousand to a million resources: half an hour, 3 GB in the temporary folder
	go run ./bench --osler bin/osler --growth $(BENCHARGS)

conform: assets ## docs/conformance.md, from a run of every suite
	go run ./internal/conform

microbench: ## benchmarks of the packages
	go test -run '^$$' -bench . -benchmem ./...

# Check

.PHONY: check format vet staticcheck fresh fresh-definitions types vulnerabilities
check: format vet staticcheck fresh fresh-definitions types vulnerabilities ## all that follows

format: ## gofmt has nothing to say
	@bad=$$(gofmt -l $(GOFILES)); if [ -n "$$bad" ]; then echo "not formatted; run gofmt -w on:"; echo "$$bad"; exit 1; fi
	@echo "gofmt: $$(echo $(GOFILES) | wc -w) files"

vet: assets ## go vet
	go vet ./...

staticcheck: assets ## honnef.co/go/tools
	go tool staticcheck ./...

fresh: node_modules/.package-lock.json ## committed pages, icons and grid are what their sources generate
	@.ci/fresh

fresh-definitions: ## the tables are what HL7's files give, where those files are here
	@if [ -f $(HL7) ] && [ -d $(PACKAGES) ]; then \
		out=$$(mktemp -d); go run ./internal/gen -definitions $(HL7) -packages $(PACKAGES) -out "$$out" >/dev/null; \
		diff -rq "$$out" fhir/definitions/tables && echo "definitions: tables are fresh"; rm -r "$$out"; \
	else echo "definitions: not checked, HL7's files are not here ($(HL7), $(PACKAGES))"; fi

types: node_modules/.package-lock.json ## TypeScript
	node_modules/.bin/tsc -p .

vulnerabilities: assets ## govulncheck, against the database in VULNDB
	@if [ -f $(VULNDB)/index/modules.json ]; then \
		echo "govulncheck: $$(ls $(VULNDB)/ID | wc -l) known vulnerabilities"; \
		go tool govulncheck -db "file://$$(cd $(VULNDB) && pwd)" ./...; \
	elif [ "$${CI:-}" = true ]; then echo "govulncheck: no database in $(VULNDB); set VULNDB to one"; exit 1; \
	else echo "govulncheck: not run, no database in $(VULNDB); set VULNDB to a folder in the layout of the Go vulnerability database"; fi
