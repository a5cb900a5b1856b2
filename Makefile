# make train   build, and train a small GPT on two npu with FSDP2
# make test    everything that CI runs
# make build   compile, and install this checkout into $(VENV) (editable)
# make lint    formatting, file sizes, the arrows between the rooms
# make format  let the formatters rewrite the sources
# make ops     list the operators of torch that have a kernel of CANN
# make docs    print docs/env.md from the tables in the code
# make operators  run PyTorch's catalogue on npu and print docs/operators.md (some minutes)
# make clean   remove what building left; $(VENV) stays
#
# VENV=<directory> uses another environment, PYTHON=<python> makes it with another interpreter,
# TORCH="<requirement and pip options>" takes another build of torch.

SHELL := /bin/bash
PYTHON ?= python3
VENV ?= .venv
VENDOR_VENV ?= .venv-vendor
TORCH ?= torch==2.13.0
TORCH_NPU ?= torch-npu==2.13.0

python := $(VENV)/bin/python
pip := $(python) -m pip --disable-pip-version-check
stamps := $(VENV)/.torch_npu
vendor_stamps := $(VENDOR_VENV)/.torch_npu
vendor = TORCH_NPU_VENDOR_WHEEL=$$(echo $(abspath $(VENDOR_VENV))/lib/python3.*/site-packages)
strict := tests/cann tests/softnpu tests/core tests/aten tests/distributed  # again, with what hardware refuses refused
cmake_tests := -DTORCH_NPU_BUILD_TESTS=ON $(if $(CI),-DTORCH_NPU_WERROR=ON)

.PHONY: build train test lint format ops docs operators clean FORCE

build: $(stamps)/torch $(stamps)/requirements
	@.ci/system-packages.sh $(PYTHON)
	$(python) setup.py --quiet build_ext --inplace
	@$(MAKE) --no-print-directory $(stamps)/editable

train: build
	$(VENV)/bin/npurun --nproc-per-node 2 examples/train_gpt.py $(if $(STEPS),--steps $(STEPS))

test: $(stamps)/torch $(stamps)/requirements
	@.ci/system-packages.sh $(PYTHON) tests
	CMAKE_ARGS="$(cmake_tests)" $(MAKE) --no-print-directory build
	$(MAKE) --no-print-directory $(stamps)/clients
	$(MAKE) --no-print-directory lint $(vendor_stamps)/plugin
	SOFTNPU_STRICT=1 $(vendor) $(python) -m pytest -q --complete -m "not vendor" $(strict)
	$(vendor) $(python) -m pytest --complete

lint: $(stamps)/requirements
	@$(python) .ci/lint.py

format: $(stamps)/requirements
	@$(python) .ci/lint.py --fix

ops: build
	@$(python) .ci/print_ops.py

docs: build
	$(python) .ci/print_env_docs.py > docs/env.md

operators: build
	PYTHONPATH=tests $(python) -m aten.sweep.driver --write

clean:
	rm -rf build dist *.egg-info torch_npu/lib torch_npu/_C*.so

# ---------------------------------------------------------------- environments; a stamp says what is in one

$(python):
	@.ci/system-packages.sh $(PYTHON)
	$(PYTHON) -m venv $(VENV)

$(stamps)/requirements: .ci/requirements.txt | $(python)
	$(pip) install -q -r $<
	@mkdir -p $(@D) && touch $@

# Libraries that are tested as clients. They ask for torch, which is there.
$(stamps)/clients: .ci/requirements-clients.txt $(stamps)/torch
	$(pip) install -q -r $<
	@touch $@

# Written only when the requirement changes, so that TORCH=... takes effect and a rerun does nothing.
$(stamps)/torch: FORCE | $(python)
	@mkdir -p $(@D)
	@echo '$(TORCH)' | cmp -s - $@ || { set -x; $(pip) install -q $(TORCH) && echo '$(TORCH)' > $@; }

$(stamps)/editable: setup.py pyproject.toml torch_npu/_version.py $(stamps)/torch $(stamps)/requirements
	$(pip) install -q --no-build-isolation --no-deps -e .
	@touch $@

# The vendor's plugin, a real client of the C ABI that nobody here wrote, away from ours.
$(vendor_stamps)/plugin: $(stamps)/torch
	$(PYTHON) -m venv $(VENDOR_VENV)
	$(VENDOR_VENV)/bin/python -m pip --disable-pip-version-check install -q $(TORCH) numpy pyyaml
	$(VENDOR_VENV)/bin/python -m pip --disable-pip-version-check install -q --no-deps $(TORCH_NPU)
	@mkdir -p $(@D) && touch $@
