# Every chore of this repository; `make` alone lists them.

RECIPE = quick
CONTENT = img/mountain.jpg
STYLE = img/night-harbour.jpg
RUN = .venv/bin/python
FRESH = demo test
# Files are shared among processes, one a core and four at most, each with
# one thread: faster than one process with many
SHARED = -n auto --maxprocesses 4 --dist loadfile
# The version is the one in .pre-commit-config.yaml
RUFF = 0.17.6
# The last for Python 3.9
MYPY = 1.19.1

# Large pages of memory in one heap, as the command asks for them itself
export GLIBC_TUNABLES ?= glibc.malloc.hugetlb=1:glibc.malloc.arena_max=1
unexport PYTHONHOME PYTHONPATH D2L_NST_BUDGET

.PHONY: help demo app test test-browser test-all fuzz fresh lint notebooks \
  benchmarks pictures drawings lab student grade slides book book-links env \
  clean

help:  ## list these targets (the default)
	@echo 'make TARGET, one of:'
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/  \1 \2/p' Makefile | \
	  while read -r target text; do \
	    printf '  %-13s %s\n' "$$target" "$$text"; done
	@echo 'PYTHON=... names the Python 3.9 to 3.12 to use.'

demo: env  ## paint a mountain like a night at sea; RECIPE=book: at length
	$(RUN) -m d2l_nst transfer $(CONTENT) $(STYLE) \
	  -o img/neural-style.png --recipe $(RECIPE) --force

app: .venv/app  ## open a page in the browser on which one paints
	$(RUN) -m d2l_nst app

.venv/app: env
	@cmp -s requirements-app.txt $@ || { \
	  echo 'Installing Gradio into .venv, for the page.' && \
	  $(RUN) -m pip install -qq -c requirements.txt \
	    -r requirements-app.txt && cp requirements-app.txt $@; }

test: env  ## run the tests, then check the notebooks
	OMP_NUM_THREADS=1 $(RUN) -m pytest $(SHARED) tests/
	OMP_NUM_THREADS=1 $(RUN) -m pytest $(SHARED) --nbval notebooks/

test-browser:  ## try the page in Chromium; installs nothing
	@test -e .venv/app || { \
	  echo 'Run make app once: it installs what the page needs.'; exit 1; }
	OMP_NUM_THREADS=1 $(RUN) -m pytest -q tests/browser.py

test-all:  ## the same on Python 3.9 to 3.12, each in an environment anew
	@for version in 3.9 3.10 3.12 3.11; do \
	  $(MAKE) test PYTHON=python$$version && \
	    passed="$$passed $$version" || failed="$$failed $$version"; done; \
	  echo "Passed on Python:$$passed. Failed:$${failed:- none}."; \
	  test -z "$$failed"

fuzz: env  ## try 4,000 damaged or hostile files and options on each reader
	D2L_NST_FUZZ=4000 OMP_NUM_THREADS=1 $(RUN) -m pytest -q tests/test_fuzz.py

fresh:  ## demo and test in a clone, with no environment, HOME or cache
	@folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT && \
	  mkdir "$$folder/home" && git clone -q . "$$folder/d2l_nst" && \
	  env -i PATH="$$PATH" HOME="$$folder/home" $(if $(PYTHON),PYTHON="$(PYTHON)") \
	    $(MAKE) --no-print-directory -C "$$folder/d2l_nst" $(FRESH)

lint: .lint/$(RUFF)-$(MYPY)  ## check the code: style by ruff, types by mypy
	.lint/bin/ruff check
	PYTHONPATH=.lint $(RUN) -m mypy

# Each has a folder of its own: .venv holds requirements.txt alone
.lint/$(RUFF)-$(MYPY): | env
	rm -rf .lint
	$(RUN) -m pip install --quiet --target .lint ruff==$(RUFF) mypy==$(MYPY)
	touch $@

notebooks: env  ## run the notebooks again at full size, in place
	$(RUN) -m jupyter nbconvert --to notebook --execute --inplace \
	  --ExecutePreprocessor.timeout=-1 \
	  --ExecutePreprocessor.record_timing=False \
	  notebooks/*.ipynb notebooks/solutions/*.ipynb
	$(RUN) -m nbstripout --keep-output --keep-count \
	  --extra-keys 'metadata.language_info.version' \
	  notebooks/*.ipynb notebooks/solutions/*.ipynb
	$(RUN) tools/shown.py

benchmarks: env  ## measure what the README's figures come from
	@for file in benchmarks/[a-z]*.py; do \
	  echo "== $$file"; $(RUN) "$$file" || exit 1; done

pictures: drawings  ## make the pictures in img/ again
	$(RUN) img/make.py all

drawings: env  ## make the drawings in img/ again
	$(RUN) img/drawings.py

lab: env  ## open the notebooks in JupyterLab
	$(RUN) -m jupyterlab notebooks/

student: env  ## write what students get: build/student, and its zip
	$(RUN) tools/student.py

grade: env  ## FOLDER=handed-in/: run and grade all notebooks that are there
	@test -n "$(FOLDER)" || { \
	  echo 'Name a folder: make grade FOLDER=handed-in/' >&2; exit 2; }
	$(RUN) tools/grade.py "$(FOLDER)"

slides: .book/installed  ## make slides of the notebooks' figures: build/slides
	$(RUN) tools/slides.py

book: .book/installed  ## make the chapters a web site: build/book
	PYTHONPATH=.book $(RUN) tools/book.py html

book-links: .book/installed  ## try all links of the book, the world's too
	PYTHONPATH=.book $(RUN) tools/book.py linkcheck

.book/installed: requirements-book.txt requirements.txt | env
	rm -rf .book
	$(RUN) -m pip install --quiet --target .book -c requirements.txt \
	  -r requirements-book.txt
	touch $@

env:  ## make .venv, or bring it up to date
	@sh tools/env.sh

clean:  ## remove .venv, .lint and all caches; pictures and notebooks stay
	rm -rf .venv .lint .book .hosted .hypothesis .*_cache build dist *.egg-info
	find . -name .git -prune -o -type d \( -name __pycache__ \
	  -o -name .ipynb_checkpoints \) -exec rm -rf {} +
