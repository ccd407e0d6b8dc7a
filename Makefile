# What a person types. Details (presets, options, targets) are CMake's: CMakePresets.json.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help

MINUTES ?= 10
BASE ?= main
# A compiler of ours takes up to 1.5 GB: as many jobs as cores, or as the memory allows.
JOBS ?= $(shell awk -v cores=$$(nproc) '/MemAvailable/ { n = int($$2 / 1572864); print n < 1 ? 1 : n < cores ? n : cores }' /proc/meminfo)

say = printf '== %s\n'
packages = packaging/install-packages
# $(call configure,PRESET): quiet unless it fails; an existing tree configures itself when it must.
configure = mkdir -p build && { [ -f build/$(1)/build.ninja ] || cmake --preset $(1) >build/$(1).log 2>&1 || { cat build/$(1).log; exit 1; }; }
# $(call build,PRESET,TARGETS): one moving line on a terminal, nothing but errors in a log.
quiet = $$([ -t 1 ] || echo --quiet)
build = $(call configure,$(1)) && NINJA_STATUS='   %f/%t ' cmake --build build/$(1) -j$(JOBS) --target $(2) -- $(quiet)

.PHONY: run test build bench fuzz soak format lint coverage clean help

run: ## start three nodes in front of a Django site on this machine
	@$(packages) build libraries run
	@$(say) "building weir (the first time takes minutes)"
	@$(call build,release,weir)
	@exec examples/run

# Each test runs once: the real binary as everyone builds it, what is linked with a test's own code under the sanitizers.
test: ## build, run every test: the real binary, and all C++ tests and fuzz corpora under ASan and UBSan
	@$(packages) build libraries run test
	@$(say) "building for development"
	@$(call build,dev,weir header_check)
	@$(say) "testing the binary"
	@ctest --preset binary -j$(JOBS)
	@$(say) "building the C++ tests with ASan and UBSan"
	@$(call build,asan,sanitized_tests)
	@$(say) "testing with ASan and UBSan"
	@ctest --preset asan -j$(JOBS)

build: ## the release binary, build/release/bin/weir
	@$(packages) build libraries
	@$(call build,release,weir)
	@$(say) "build/release/bin/weir"

bench: ## measure Weir against nginx, HAProxy and a bare relay
	@$(packages) build libraries run bench
	@rm -f build/release/build.ninja
	@mkdir -p build && cmake --preset bench >build/bench.log 2>&1 || { cat build/bench.log; exit 1; }
	@$(call build,release,all)
	@exec bench/run

fuzz: ## fuzz every parser, MINUTES=10 in all; crashes go to tests/fuzz/crashes
	@$(packages) build libraries fuzz
	@$(say) "building the fuzzers"
	@$(call build,fuzz,fuzzers)
	@exec tests/fuzz/run build/fuzz/tests $(MINUTES)

soak: ## the tests that take long
	@$(packages) build libraries run test
	@$(call build,dev,all)
	@ctest --preset soak

format: ## clang-format, in place
	@$(packages) test
	@tests/tidy/format -i

lint: ## clang-format and clang-tidy on what differs from BASE=main
	@$(packages) build libraries test lint
	@exec tests/tidy/lint $(BASE) $(JOBS)

coverage: ## line and branch coverage of the C++ tests, build/coverage/coverage.html
	@$(packages) build libraries run test lint
	@$(call build,coverage,coverage)
	@$(say) "build/coverage/coverage.html"

clean: ## remove everything that was built
	@rm -rf build

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
