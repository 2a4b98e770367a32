# Parley. "make" alone lists what can be done.
GO      ?= go
BIN     := parley
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo development)
SHOTS   ?= $(CURDIR)/.data/screenshots

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

run: build postgres ## build Parley and run it, with a private PostgreSQL and the simulator if nothing else is set
	@exec ./$(BIN) serve

build: ## build the one static binary
	@CGO_ENABLED=0 $(GO) build -trimpath -ldflags "-s -w -X main.version=$(VERSION)" -o $(BIN) .

test: postgres chromium ## run all tests: unit, integration, browser
	$(GO) run ./models/modelstest/pgserver $(GO) test -count=1 -timeout 30m $(TESTFLAGS) ./...

test-fast: postgres ## run the tests that need no browser
	$(GO) run ./models/modelstest/pgserver $(GO) test -short $(TESTFLAGS) $$($(GO) list ./... | grep -v /e2e)

axe: postgres chromium ## look for barriers on every page and its states, in both themes and widths (about five minutes)
	PARLEY_AXE=full $(GO) run ./models/modelstest/pgserver $(GO) test -count=1 -timeout 40m -run '^TestAxe$$' ./e2e

torture: postgres ## the long run: 10,000 people, kill -9 a hundred times, Twilio gone for ten minutes
	PARLEY_TORTURE=1 PARLEY_TORTURE_REPORT=$(CURDIR)/docs $(GO) run ./models/modelstest/pgserver $(GO) test -count=1 -v -timeout 60m -run '^TestNotificationSurvives$$' .

bench: postgres ## measure the hot paths
	PARLEY_DURABLE=1 $(GO) run ./models/modelstest/pgserver $(GO) test -p 1 -timeout 60m -run '^$$' -bench . -benchtime 2s ./...

lint: ## formatting, vet and staticcheck
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || (gofmt -l $$(git ls-files '*.go'); exit 1)
	$(GO) vet ./...
	$(GO) tool staticcheck ./...

generate: ## make the generated files anew: templ's Go, and what lies in static/files (needs npm)
	$(GO) tool templ generate
	./static/build.sh

screenshots: build postgres chromium ## take the screenshots of all pages into SHOTS
	PARLEY_SCREENSHOTS=$(SHOTS) $(GO) run ./models/modelstest/pgserver $(GO) test -count=1 -tags screenshots -run TestScreenshots ./e2e

fixture: postgres ## write the fixture of a release for the test of upgrades: make fixture release=0.1.0 (docs/releasing.md)
	@test -n "$(release)" || (echo 'name the release: make fixture release=0.1.0'; exit 1)
	PARLEY_RELEASE=$(release) $(GO) run ./models/modelstest/pgserver $(GO) test -count=1 -tags fixture -run '^TestWriteFixture$$' .

migrate-new: ## begin a migration: make migrate-new name=labels
	@test -n "$(name)" || (echo 'give it a name: make migrate-new name=labels'; exit 1)
	@n=$$(printf %05d $$(($$(ls migrations/*.sql | wc -l) + 1))); printf -- '-- +goose Up\n\n-- +goose Down\n' > migrations/$${n}_$(name).sql; echo migrations/$${n}_$(name).sql

postgres:
	@./.ci/need postgres

chromium:
	@./.ci/need chromium

.PHONY: help run build test test-fast axe torture bench lint generate fixture screenshots migrate-new postgres chromium
