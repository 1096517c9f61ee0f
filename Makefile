# Needs Python >= 3.11, make and a package index; no root, no Docker.
READY := .venv/.ready
BIN := .venv/bin
PACKAGES := contracts kit $(wildcard services/*) liandong
CODE := $(PACKAGES) tests

.PHONY: demo test soak check style types imports golden mutants bench lock format help
demo: $(READY)  ## engines, services and the demo histories, until Ctrl-C; ONCE=1: check every figure and stop
	$(BIN)/liandong demo $(if $(ONCE),--once)

test: $(READY)  ## the test suite, on every core; each worker has engines of its own
	$(BIN)/pytest -n auto --maxprocesses=4 --dist=loadfile

soak: $(READY)  ## the proofs that repeat themselves, ROUNDS times as long (20)
	LIANDONG_SOAK=$(or $(ROUNDS),20) $(BIN)/pytest -m soak -n auto --maxprocesses=4 --dist=loadfile

check: style types imports golden  ## all four; make -k check goes on after the first that fails

style: $(READY)  ## ruff: lint and format
	$(BIN)/ruff check $(CODE)
	$(BIN)/ruff format --check $(CODE)

types: $(READY)  ## mypy, strict
	$(BIN)/mypy $(CODE)

imports: $(READY)  ## who may import whom
	$(BIN)/lint-imports --no-logo

golden: $(READY)  ## generated files that are committed are what the code makes
	$(BIN)/python -m contracts.schema --check
	$(BIN)/pytest -m golden

mutants: $(READY)  ## changes the code for ten minutes, a place at a time, to see tests fail; SEED=, MINUTES=, AREA=, UNDER=
	$(BIN)/python -m tests.mutants $(if $(SEED),--seed $(SEED)) $(if $(MINUTES),--minutes $(MINUTES)) \
		$(if $(AREA),--area $(AREA)) $(if $(UNDER),--under $(UNDER))

bench: $(READY)  ## ratios, which carry to other machines; rates do not
	$(BIN)/python -m tests.load

format: $(READY)  ## what ruff can mend by itself
	$(BIN)/ruff check --fix $(CODE)
	$(BIN)/ruff format $(CODE)

lock: $(READY)  ## chooses versions again; UPGRADE=1 takes the newest that the packages allow
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
		--no-emit-index-url --no-emit-find-links $(foreach p,$(PACKAGES),--no-emit-package liandong-$(notdir $(p))) \
		$(if $(UPGRADE),--upgrade) --group dev $(addsuffix /pyproject.toml,$(PACKAGES)) --output-file requirements.lock

help:  ## this list
	@awk -F ':.*  ## ' '/^[a-z]+:.*  ## / { printf "make %-8s %s\n", $$1, $$2 }' Makefile

$(READY): requirements.lock $(addsuffix /pyproject.toml,$(PACKAGES)) .ci/bootstrap
	sh .ci/bootstrap
	touch $@
