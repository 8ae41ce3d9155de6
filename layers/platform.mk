# For which machine packages are installed. UV installs them.
# Lambda runs on Amazon Linux 2023 (glibc 2.34); wheels for an older glibc are picked where there are no newer ones.
ARCHITECTURE ?= arm64
PLATFORM_arm64 := aarch64-manylinux_2_34
PLATFORM_x86_64 := x86_64-manylinux_2_34
PLATFORM := $(or $(PLATFORM_$(ARCHITECTURE)),$(error ARCHITECTURE is "$(ARCHITECTURE)": it must be arm64 or x86_64))

# Installs what the file $(1) pins into the folder $(2).
INSTALL = $(UV) pip install --quiet --no-deps --only-binary :all: --require-hashes --link-mode copy \
  --python-platform $(PLATFORM) --python-version 3.13 --target "$(2)" -r "$(1)"

# Copies the folders $(1) of the present one into the folder $(2), without what Python has compiled of them: another
# process may be writing it, and then it is gone before it is copied.
COPY = tar -cf - --exclude __pycache__ $(1) | tar -xf - -o -m --no-same-permissions -C "$(2)"
