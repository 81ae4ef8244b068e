# The doors for developers. Each target starts with the same set-up script, which does nothing where nothing is missing.
PYTHON_IN_VENV := .venv/bin/python
LOCK_HEADER := \# The versions that were tested together. Written by `make lock`; .ci/setup installs exactly these.

.DEFAULT_GOAL := help
.PHONY: help run test check bench format lock words secrets clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' Makefile

run: ## Install what is missing and start the demo (ARGS="--port 9000")
	@.ci/setup run
	@.venv/bin/testimonials demo $(ARGS)

# The quick tests take a core each; then the others, two files at a time: a browser or ffmpeg keeps a core busy, and many of them
# wait. In the order of the files: the long ones come first. 5: what pytest says where ARGS leave nothing of one half.
QUICK := not browser and not media and not servers
test: ## Install what the tests need and run all of them (ARGS="-k upload -x")
	@.ci/setup test
	@$(PYTHON_IN_VENV) -m pytest -n auto --maxprocesses=4 --dist loadfile -m "$(QUICK)" $(ARGS) || test $$? = 5
	@$(PYTHON_IN_VENV) -m pytest -n 2 --dist loadfile --no-loadscope-reorder -m "not ($(QUICK))" $(ARGS) || test $$? = 5

check: ## Format, lint, types, import contracts and the fast tests
	@.ci/setup test
	@.venv/bin/ruff format --check .
	@.venv/bin/ruff check .
	@.venv/bin/mypy
	@.venv/bin/lint-imports
	@$(PYTHON_IN_VENV) -m pytest -q -n auto --maxprocesses=4 --dist loadfile -m "$(QUICK)" $(ARGS)

bench: ## Run the benchmarks, or one of them (ONLY=feed-rate)
	@.ci/setup test
	@$(PYTHON_IN_VENV) -m tests.bench $(ONLY)

format: ## Put every Python file into the house format
	@.ci/setup test
	@.venv/bin/ruff format .
	@.venv/bin/ruff check --fix .

# A fresh environment, so that what somebody tried out in .venv is not pinned with it.
lock: ## Move every dependency to its newest version and pin it
	@.ci/setup test
	@$(PYTHON_IN_VENV) -m venv --clear build/lock
	@build/lock/bin/python -m pip install --quiet --upgrade pip
	@PYTHONWARNINGS=ignore build/lock/bin/python -m pip install --quiet --editable . --group dev
	@{ echo '$(LOCK_HEADER)'; build/lock/bin/python -m pip freeze --exclude-editable | grep -E '^[A-Za-z0-9_.-]+=='; } > build/constraints.txt
	@mv build/constraints.txt .ci/constraints.txt
	@rm -rf build/lock
	@git diff --stat -- .ci/constraints.txt

words: ## Collect every sentence that customers see, for testimonials/translations/*.po
	@.ci/setup test
	@$(PYTHON_IN_VENV) testimonials/translations/extract.py
	@git diff --stat -- testimonials/translations

# Random where it has to be, and written once: a second password would lock out the database that has the first.
secrets: ## Write the secrets that compose.yaml reads into data/secrets, once
	@test ! -e data/secrets || { echo "data/secrets is there already; without it, the database it opens is lost" >&2; exit 1; }
	@set -eu; umask 022; \
	random() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }; \
	mkdir -p data; mkdir -m 700 data/secrets; cd data/secrets; \
	password=$$(random); key=$$(random); secret=$$(random); \
	random > secret_key; \
	printf %s "$$password" > postgres_password; \
	printf 'postgresql+psycopg://testimonials:%s@postgres/testimonials' "$$password" > database_url; \
	printf '[default]\naws_access_key_id = %s\naws_secret_access_key = %s\n' "$$key" "$$secret" > s3_credentials; \
	printf '{"identities": [{"name": "testimonials", "credentials": [{"accessKey": "%s", "secretKey": "%s"}], "actions": ["Admin"]}]}\n' "$$key" "$$secret" > s3_config
	@echo "Wrote data/secrets. Keep a copy of it beside your backups."

clean: ## Remove what set-up and tools made; data/ stays
	rm -rf .venv build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
