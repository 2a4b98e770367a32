# Parley. "make" alone lists what can be done.
GO      ?= go
# Clones of one machine share what is compiled: the path of the folder is no part of it.
export GOFLAGS ?= -trimpath
SERVER  := $(GO) run ./models/modelstest/pgserver
TOOL    := $(GO) tool -modfile=tools.mod
BIN     := parley
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo development)
SHOTS   ?= $(CURDIR)/.data/screenshots

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-15s %s\n", $$1, $$2}'

run: build postgres ## build Parley and run it, with a private PostgreSQL and the simulator if nothing else is set
	@exec ./$(BIN) serve

build: ## build the one static binary
	@CGO_ENABLED=0 $(GO) build -trimpath -ldflags "-s -w -X main.version=$(VERSION)" -o $(BIN) .

test: postgres chromium test-scripts ## run all tests: unit, integration, browser
	GOGC=400 $(SERVER) $(GO) test -count=1 -timeout 30m -ldflags=-w $(TESTFLAGS) ./...

test-fast: postgres test-scripts ## run the tests that need no browser
	$(SERVER) $(GO) test -short $(TESTFLAGS) $$($(GO) list ./... | grep -v /e2e)

test-scripts: ## run the scripts' own tests, in Node; EVENTS=9 tries longer orders of events (a minute)
	@./.ci/need node
	cd static && PARLEY_EVENTS=$(EVENTS) node --test test/*.test.js

deep: ## what takes longer than the gate may, at most 45 minutes; PART=axe,race runs some parts
	@./.ci/deep

deep-torture: postgres ## a notification survives kill -9, two instances, duplicates and an outage
	PARLEY_TORTURE=short $(SERVER) $(GO) test -count=1 -timeout 20m -run '^Test(NotificationSurvives|KillAtAnyMoment)$$' .

deep-upgrades: postgres ## every release's database is upgraded; every migration goes down and up again
	$(SERVER) $(GO) test -count=1 -timeout 20m -run 'Upgrade|Migrat' . ./services/postgres ./models

deep-axe: postgres chromium ## look for barriers on every page and its states, in both themes and widths
	PARLEY_AXE=full $(SERVER) $(GO) test -count=1 -timeout 40m -run '^TestAxe$$' ./e2e

deep-lighthouse: postgres chromium ## rate the main pages with Lighthouse (needs npm)
	cd e2e/lighthouse && npm install --silent
	$(SERVER) $(GO) test -count=1 -v -tags lighthouse -timeout 20m -run '^TestLighthouse$$' ./e2e

deep-s3: ## files in a bucket of a real S3 server (the first time it is built for two minutes)
	@./.ci/s3/run $(GO) test -count=1 ./services/media/bucket

deep-race: postgres ## all tests without a browser, with the race detector
	$(SERVER) $(GO) test -race -short -count=1 -timeout 40m $$($(GO) list ./... | grep -v /e2e)

deep-mutants: mutants

deep-coverage: postgres ## what the tests without a browser run through
	@mkdir -p .data
	$(SERVER) $(GO) test -short -count=1 -timeout 30m -coverpkg=./... -coverprofile=.data/cover.out $$($(GO) list ./... | grep -v /e2e) >/dev/null
	@$(GO) tool cover -func=.data/cover.out | tail -1

mutants: postgres ## change a rule as each patch in testdata/mutants does: its tests must fail; MUTANTS=dispatch-* tries some
	$(SERVER) ./.ci/mutants

soak: postgres ## the long run, about half an hour: 10,000 people, kill -9 a hundred times, Twilio gone for ten minutes
	PARLEY_TORTURE=long PARLEY_TORTURE_REPORT=$(CURDIR)/docs $(SERVER) $(GO) test -count=1 -v -timeout 60m -run '^TestNotificationSurvives$$' .

bench: postgres ## measure the hot paths
	PARLEY_DURABLE=1 $(SERVER) $(GO) test -p 1 -timeout 60m -run '^$$' -bench . -benchtime 2s ./...

lint: ## formatting and the linters: those that .golangci.yml names, and with npm at hand ESLint
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || (gofmt -l $$(git ls-files '*.go'); exit 1)
	$(TOOL) golangci-lint run --allow-parallel-runners ./...
	@! command -v npm >/dev/null || (./.ci/need npm && cd static && node_modules/.bin/eslint)

generate: ## make the generated files anew: templ's Go, and what lies in static/files (needs npm)
	$(GO) tool templ generate
	./static/build.sh

screenshots: build postgres chromium ## take the screenshots of all pages into SHOTS
	PARLEY_SCREENSHOTS=$(SHOTS) $(SERVER) $(GO) test -count=1 -tags screenshots -run TestScreenshots ./e2e

fixture: postgres ## write the fixture of a release for the test of upgrades: make fixture release=0.1.0 (docs/releasing.md)
	@test -n "$(release)" || (echo 'name the release: make fixture release=0.1.0'; exit 1)
	PARLEY_RELEASE=$(release) $(SERVER) $(GO) test -count=1 -tags fixture -run '^TestWriteFixture$$' .

migrate-new: ## begin a migration: make migrate-new name=labels
	@test -n "$(name)" || (echo 'give it a name: make migrate-new name=labels'; exit 1)
	@n=$$(printf %05d $$(($$(ls migrations/*.sql | wc -l) + 1))); printf -- '-- +goose Up\n\n-- +goose Down\n' > migrations/$${n}_$(name).sql; echo migrations/$${n}_$(name).sql

postgres:
	@./.ci/need postgres

chromium:
	@./.ci/need chromium

.PHONY: help run build test test-fast test-scripts deep mutants soak bench lint generate fixture screenshots migrate-new
.PHONY: postgres chromium
