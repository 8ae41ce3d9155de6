# What the makefiles of all layers share. HERE is the folder of the layer.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
MAKEFLAGS += --no-builtin-rules --no-print-directory

ROOT := $(abspath $(HERE)/../..)
# A uv that does not run is not taken: on the PATH may be the shim of one that another Python has.
UV := $(or $(shell uv --version >/dev/null 2>&1 && command -v uv),$(ROOT)/.tools/uv/bin/uv)
# Asked from the root: there lies .venv, and .python-version for who keeps several.
PYTHON := cd "$(ROOT)" && $(UV) python find 3.13

include $(ROOT)/layers/platform.mk

# Installs what the layer's requirements pin, and prunes and compiles everything in it. REPLACE is what else a layer
# changes of the packages, in their folder.
define BUILD_LAYER
mkdir -p "$(ARTIFACTS_DIR)/python" && \
$(call INSTALL,$(HERE)/requirements.txt,$(ARTIFACTS_DIR)/python) && \
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
