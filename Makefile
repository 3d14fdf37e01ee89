# `make demo` and `make test` set everything up by themselves; they need Python 3.11+, make and git.

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: demo test bench load cluster accelerate docs fuzz format assets screenshots lighthouse lock clean

demo: $(READY)
	@$(BIN)/python tools/demo.py

test: $(READY)
	@$(BIN)/python tools/run_tests.py

bench: $(READY)
	@$(BIN)/python benchmarks/run.py

# sixty people for two minutes on PostgreSQL: p95, nothing lost, nothing twice (LOAD_USERS=10 LOAD_SECONDS=20 for less)
load: $(READY)
	@$(BIN)/python benchmarks/load.py

# one audit on DuckDB, PostgreSQL and a Spark cluster of this machine, a worker killed on the way: the same rows; Java 17
cluster: $(READY)
	@$(BIN)/python tools/cluster.py

# optional: builds the compiled core of the X12 tables with this machine's C compiler; without it NumPy reads alone
accelerate: $(READY)
	@$(BIN)/python -m cocm.x12.columns.accelerate

# a long run of the fuzzer (Linux): make fuzz SECONDS=3600 TARGET=validating; what is worth trying stays in .fuzz
SECONDS ?= 600
TARGET ?= everything
fuzz: $(READY)
	@$(BIN)/python fuzz/run.py $(TARGET) --seconds $(SECONDS) --corpus .fuzz/$(TARGET)

docs: $(READY)
	@$(BIN)/python tools/write_docs.py

format: $(READY)
	@$(BIN)/ruff format src tests benchmarks tools fuzz
	@$(BIN)/ruff check --fix src tests benchmarks tools fuzz

# needs npm and the network: fetches the pinned style and script files again (tools/vendor_assets.toml)
assets: $(READY)
	@$(BIN)/python tools/vendor_assets.py

# needs Chromium: the pictures of README and docs (tools/screenshots.toml)
screenshots: $(READY)
	@$(BIN)/python tools/screenshots.py

# needs npm, the network and Chromium: Lighthouse's accessibility of pages, at least 95 (PAGES="/look/ /account/login/")
PAGES ?= /look/ /account/login/
lighthouse: $(READY)
	@$(BIN)/python tools/lighthouse.py $(PAGES)

$(READY): requirements.lock pyproject.toml tools/setup_venv.sh
	@sh tools/setup_venv.sh $(VENV)
	@touch $(READY)

# needs uv (https://docs.astral.sh/uv/); only for those who change a dependency
lock:
	uv pip compile pyproject.toml --all-extras --group dev --universal --python-version 3.11 \
	  --generate-hashes --quiet --custom-compile-command "make lock" --output-file requirements.lock

clean:
	rm -rf .venv .venv-* demo dist build
