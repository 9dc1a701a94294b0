# Every target sets up what it needs: a virtual environment in .venv, the packages, and as root the
# system libraries that OpenCV and MediaPipe link.

PYTHON ?= python3
BIN := .venv/bin
PYTEST_WORKERS ?= 2
LOADS := import ctypes, cv2; [ctypes.CDLL(name) for name in ("libEGL.so.1", "libGLESv2.so.2")]

.DEFAULT_GOAL := help
.PHONY: help setup system-libraries browser demo test check coverage wheel-test bench soak clean

help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-18s %s\n", $$1, $$2}' Makefile

setup: .venv/ready  ## virtual environment, packages, system libraries

.venv/ready: pyproject.toml
	$(PYTHON) -m venv .venv || { echo 'On Debian and Ubuntu: apt-get install python3-venv'; exit 1; }
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=24'
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	$(MAKE) --no-print-directory system-libraries
	touch $@

system-libraries:
	@if ! $(BIN)/python -c '$(LOADS)' 2>/dev/null; then \
	  if [ "$$(id -u)" = 0 ]; then \
	    apt-get update -q && apt-get install -q -y --no-install-recommends libegl1 libgl1 libgles2 libglib2.0-0; \
	  else \
	    echo 'OpenCV and MediaPipe link system libraries that are missing. Install them with'; \
	    echo '    sudo apt-get install libegl1 libgl1 libgles2 libglib2.0-0'; exit 1; \
	  fi; \
	fi

browser:  # the tests of the report page run in it, and are skipped without
	@for name in chromium chromium-browser google-chrome; do command -v $$name >/dev/null && exit 0; done; \
	  [ "$$(id -u)" = 0 ] && apt-get update -q && apt-get install -q -y --no-install-recommends chromium \
	  || echo 'There is no Chromium; the tests of the report page in a browser are skipped.'

demo: setup  ## make a small sample data set and run the pipeline on it
	rm -rf demo
	$(BIN)/python examples/sample_faces.py demo --identities 12
	cd demo && ../$(BIN)/faceprep extract
	cd demo && ../$(BIN)/faceprep shard
	cd demo && ../$(BIN)/faceprep verify shards
	cd demo && ../$(BIN)/faceprep inspect shards --save look
	cd demo && ../$(BIN)/faceprep train autoencoder --epochs 8
	cd demo && ../$(BIN)/faceprep predict runs/autoencoder-frontal-001 raw/person_01 --out frontal
	cd demo && ../$(BIN)/faceprep shard triplets --split train=0.6,validation=0.2,test=0.2 --per-face 4
	cd demo && ../$(BIN)/faceprep train siamese --data triplets --width 0.5 --epochs 6
	cd demo && ../$(BIN)/faceprep predict runs/siamese-custom-001 raw/person_01/00.jpg raw/person_01/01.jpg
	cd demo && ../$(BIN)/faceprep predict runs/siamese-custom-001 --demo 8 --out same
	$(BIN)/python examples/contact_sheet.py demo/faces demo/faces.png
	cd demo && ../$(BIN)/faceprep report
	@echo 'Open demo/report.html in a browser: who was found, which face was chosen, what was thrown away.'
	@echo 'Look also at demo/faces.png (every face that was found, aligned), demo/raw (where they come from),'
	@echo 'demo/faces (the Parquet parts: a row per face, with its pose and crop), demo/shards (the TFRecords'
	@echo 'of pairs, any view of a person with the most frontal one), demo/look (the images of three pairs),'
	@echo 'demo/runs/autoencoder-frontal-001/README.md (how training went; a few epochs on a few rendered faces'
	@echo 'teach it little), demo/frontal (what the model makes of one of them) and demo/same (pairs of faces, and'
	@echo 'whether a Siamese network takes them for one person).'

test: setup browser  ## the whole test suite
	$(BIN)/python -m pytest --numprocesses $(PYTEST_WORKERS)

check: setup  ## formatting, lint and types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

coverage: setup browser  ## which lines, and which branches that handle errors, the tests run
	rm -rf .coverage && mkdir .coverage
	PYTHONPATH="$(CURDIR)" $(BIN)/python -m coverage run -m pytest --numprocesses $(PYTEST_WORKERS)
	$(BIN)/python -m coverage combine --quiet
	$(BIN)/python -m coverage json --quiet -o .coverage/coverage.json
	$(BIN)/python -m tests.coverage_of_errors .coverage/coverage.json

wheel-test: setup  ## the wheel in an environment of its own: doctor and the three commands, far from the checkout
	rm -rf dist .wheel-test
	$(BIN)/python -m build
	$(PYTHON) -m venv .wheel-test/venv
	.wheel-test/venv/bin/pip install --quiet dist/*.whl
	$(BIN)/python examples/sample_faces.py .wheel-test --identities 12
	cd .wheel-test && venv/bin/faceprep doctor
	cd .wheel-test && venv/bin/faceprep extract
	cd .wheel-test && venv/bin/faceprep shard
	cd .wheel-test && venv/bin/faceprep train autoencoder --epochs 1
	rm -rf .wheel-test

bench: setup  ## what extract, shard and training cost, against the floor and against others
	$(BIN)/python -m tests.bench
	$(BIN)/python -m tests.bench_shard
	$(BIN)/python -m tests.bench_train
	$(BIN)/python -m tests.bench_beyond

soak: setup  ## 621,126 images through everything, killed twice on the way: soak/SOAK.md
	$(BIN)/python -m tests.soak

clean:  ## delete what the other targets made
	rm -rf .venv .coverage .wheel-test demo soak build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
