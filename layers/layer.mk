# What the makefiles of all layers share. HERE is the folder of the layer.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
MAKEFLAGS += --no-builtin-rules --no-print-directory

ROOT := $(abspath $(HERE)/../..)
# A uv that does not run is not taken: on the PATH may be the shim of one that another Python has.
UV := $(or $(shell uv --version >/dev/null 2>&1 && command -v uv),$(ROOT)/.tools/uv/bin/uv)
# Asked from the root: there lies .venv, and .python-version for who keeps several.
PYTHON := cd "$(ROOT)" && $(UV) python find 3.13

# Lambda runs on Amazon Linux 2023 (glibc 2.34); wheels for an older glibc are picked where there are no newer ones.
ARCHITECTURE ?= arm64
PLATFORM_arm64 := aarch64-manylinux_2_34
PLATFORM_x86_64 := x86_64-manylinux_2_34
PLATFORM := $(or $(PLATFORM_$(ARCHITECTURE)),$(error ARCHITECTURE is "$(ARCHITECTURE)": it must be arm64 or x86_64))

# Installs what the layer's requirements pin, and prunes and compiles everything in it. REPLACE is what else a layer
# changes of the packages, in their folder.
define BUILD_LAYER
mkdir -p "$(ARTIFACTS_DIR)/python" && \
$(UV) pip install --quiet --no-deps --only-binary :all: --require-hashes --link-mode copy \
  --python-platform $(PLATFORM) --python-version 3.13 --target "$(ARTIFACTS_DIR)/python" -r "$(HERE)/requirements.txt" && \
(cd "$(ARTIFACTS_DIR)/python" && $(PRUNE) $(and $(REPLACE),&& $(REPLACE))) && \
(python=$$($(PYTHON)) && $$python -I -m compileall -q -j 2 --invalidation-mode unchecked-hash -s "$(ARTIFACTS_DIR)" -p /opt "$(ARTIFACTS_DIR)/python") && \
echo "$@ for $(ARCHITECTURE): $$(du -sm "$(ARTIFACTS_DIR)" | cut -f1) MB of Lambda's 250 MB"
endef

# What nothing loads at run time: command-line scripts, tests, type stubs and C sources. Notices of licences and the
# metadata stay.
define PRUNE
rm -rf bin .lock _cffi_backend.c psycopg_binary/*.c && \
find . -depth \( -name __pycache__ -o -name tests -o -name test \) -type d -exec rm -rf {} + && \
find . \( -name '*.pyi' -o -name '*.pyx' -o -name '*.pxd' -o -name '*.c' -o -name '*.h' -o -name RECORD -o -name direct_url.json \) -type f -delete
endef
