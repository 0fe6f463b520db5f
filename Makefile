# Roost: `make` builds build/roost; `make help` lists the rest.
#
# Every .c file of app/ and tests/ is built; each kind of build has a folder of its own under
# build/. The dependencies come from vendor/build and live outside the tree.

MAKEFLAGS += --no-builtin-rules --no-print-directory
ifeq ($(MAKELEVEL),0)
MAKEFLAGS += -j$(shell nproc)
endif
.SUFFIXES:
.SECONDARY:
.DELETE_ON_ERROR:
.DEFAULT_GOAL := all
SHELL := /bin/bash

say = $(if $(V),,@printf '  %-6s %s\n' $(1) $(2);)# V=1 shows the commands themselves

# --- Sources ---------------------------------------------------------------------------

# app/HALL/FOLDER/ has its unit tests in tests/unit/FOLDER/ and its fuzz targets in
# tests/fuzz/FOLDER_NAME_fuzz.c. Two variables can be given on the command line: FOLDERS to test
# a part, BUILD to keep the other build as it is.
FOLDERS := $(notdir $(patsubst %/,%,$(wildcard app/*/*/)))
BUILD := build
export BUILD

SOURCES := $(sort $(shell find app -name '*.c'))
FUZZ := $(sort $(notdir $(wildcard tests/fuzz/*_fuzz.c)))
$(foreach f,$(FOLDERS),$(eval TEST_$f := $(sort $(notdir $(wildcard tests/unit/$f/*.c)))))
# fake_conn.c stands in for network/runtime/conn.c in the programs of FAKE_CONN alone.
HARNESS := $(filter-out tests/harness/fake_conn.c,$(wildcard tests/harness/*.c))
FAKE_CONN := imap managesieve policy pop3 smtp_in

# --- Toolchains ------------------------------------------------------------------------

# A goal that needs no compiler must work where there is none yet.
ifneq ($(filter-out help clean run release test test-all bench setup container footprint arm64,$(or $(MAKECMDGOALS),all)),)
release_deps := $(shell vendor/build --prefix release)
check_deps := $(shell vendor/build --prefix check)
ifeq ($(and $(release_deps),$(check_deps)),)
$(error There is no compiler: `make setup` installs what building and testing need)
endif
endif

# gcc builds what ships and clang what is tested, so the code pleases both.
CHECK_CC ?= clang

# Settings of one machine, not in the repository. LTO := links in a second instead of a minute.
-include local.mk
LTO ?= -flto=auto

# A compiler cache is used where there is one. Paths in the objects are relative to the tree, so
# two clones share its entries.
CCACHE ?= $(shell command -v ccache)
export CCACHE_BASEDIR := $(CURDIR)
export CCACHE_NOHASHDIR := 1

WARNINGS := -Wall -Wextra -Wshadow -Wvla -Wmissing-prototypes -Wstrict-prototypes \
	-Wwrite-strings -Wformat=2 -Werror
COMMON := -std=gnu11 -D_GNU_SOURCE $(WARNINGS) -Iapp -ffile-prefix-map=$(CURDIR)=.
LIBS := -lcurl -lz -lmicrohttpd -lmicrohttpd_ws -lcares -lutf8proc -lyyjson -lqrcodegen -lstemmer -lzstd -llmdb -lsodium -lbearssl -lpthread

CC_release = $(release_deps)/bin/cc
AR = $(ROOST_CROSS)gcc-ar
CC_check = $(CHECK_CC)
CC_tsan = $(CHECK_CC)

# No -D_FORTIFY_SOURCE: musl has no checking variants to call, and in the other kinds it
# would hide calls from the sanitizers.
# -flto: rows and strings pass through many small functions of other files.
CFLAGS_release = $(COMMON) -isystem $(release_deps)/include -O2 $(LTO) -fPIE \
	-ffunction-sections -fdata-sections -fstack-protector-strong -fstack-clash-protection
CFLAGS_tested = $(COMMON) -isystem $(check_deps)/include -Itests -O1 -g -fno-omit-frame-pointer
# What is fuzzed is what the unit tests are made of, where clang makes it.
CFLAGS_check = $(CFLAGS_tested) $(SANITIZE_check) $(if $(findstring clang,$(CHECK_CC)),-fsanitize=fuzzer-no-link)
# Plain char has a sign on x86 and none on ARM: the tests see both.
CFLAGS_tsan = $(CFLAGS_tested) $(SANITIZE_tsan) -funsigned-char
SANITIZE_check := -fsanitize=address,undefined -fno-sanitize-recover=all
SANITIZE_tsan := -fsanitize=thread

# stack-size is what threads get when they ask for nothing else: musl's 128 KiB is less than
# Argon2id, zstd and c-ares together want below our own frames, glibc's 8 MiB a waste of
# address space in a small container. Untouched pages cost nothing.
# Three functions of libc are our own: app/foundation/base/block.h says why.
LDFLAGS_release = -static-pie -O2 $(LTO) -Wl,--gc-sections -Wl,--defsym=memcpy=block_copy \
	-Wl,--defsym=memmove=block_move -Wl,--defsym=memcmp=block_compare -Wl,--build-id=none -s \
	-Wl,-z,relro,-z,now,-z,noexecstack,-z,pack-relative-relocs,-z,stack-size=524288
LDFLAGS_check = $(SANITIZE_check)
LDFLAGS_tsan = $(SANITIZE_tsan)

DEPS_release = $(release_deps)
DEPS_check = $(check_deps)
DEPS_tsan = $(check_deps)

# --- Objects ---------------------------------------------------------------------------

# write_if_new: a recipe that leaves the file alone when its text is the same as before.
# Two makes may run side by side, so the new text has a name of its own.
write_if_new = @mkdir -p $(@D); $(1) > $@.$$$$; if cmp -s $@.$$$$ $@; then rm $@.$$$$; else mv $@.$$$$ $@; fi

# flags changes when the way of compiling does, and every object depends on it; sources when
# a file joins or leaves.
define KIND_RULES
$(BUILD)/$(1)/flags: $$(DEPS_$(1))/.built FORCE
	$$(call write_if_new,echo '$$(CC_$(1)) $$(CFLAGS_$(1)) $$(LDFLAGS_$(1))')

$(BUILD)/$(1)/sources: FORCE
	$$(call write_if_new,echo '$$(SOURCES) $$(HARNESS)')

$(BUILD)/$(1)/%.o: %.c $(BUILD)/$(1)/flags
	@mkdir -p $$(@D)
	$$(call say,CC,$$@)$$(CCACHE) $$(CC_$(1)) $$(CFLAGS_$(1)) $$(RELAXED) -MMD -MP -c $$< -o $$@

# Generated sources are the same for all kinds; tables of tests differ.
$(BUILD)/$(1)/gen/%.o: $(BUILD)/gen/%.c $(BUILD)/$(1)/flags
	@mkdir -p $$(@D)
	$$(call say,CC,$$@)$$(CCACHE) $$(CC_$(1)) $$(CFLAGS_$(1)) -MMD -MP -c $$< -o $$@

$(BUILD)/$(1)/libroost.a: $$(patsubst %.c,$(BUILD)/$(1)/%.o,$$(filter-out app/console/cli/main.c,$$(SOURCES))) \
		$(BUILD)/$(1)/gen/licenses.o $(BUILD)/$(1)/gen/version.o $(BUILD)/$(1)/gen/web.o $(BUILD)/$(1)/sources
	$$(call say,AR,$$@)rm -f $$@ && $$(AR) rcsD $$@ $$(filter %.o,$$^) && \
		$(if $(filter release,$(1)),true,scripts/check-symbols $$@ || { rm $$@; false; })

$(BUILD)/$(1)/libharness.a: $$(HARNESS:%.c=$(BUILD)/$(1)/%.o) $(BUILD)/$(1)/sources
	$$(call say,AR,$$@)rm -f $$@ && $$(AR) rcsD $$@ $$(filter %.o,$$^)

# The unit tests of a folder are one program: tests/harness/unit.h.
$(BUILD)/$(1)/tests/unit/%.o: RELAXED = -Wno-write-strings -Wno-missing-prototypes -Dmain=$$(notdir $$*)_main

$(BUILD)/$(1)/gen/unit_%.c: FORCE
	$$(call write_if_new,scripts/gen-tests unit $$(TESTS_$(1)_$$*))

$(BUILD)/$(1)/gen/%.o: $(BUILD)/$(1)/gen/%.c $(BUILD)/$(1)/flags
	$$(call say,CC,$$@)$$(CC_$(1)) $$(CFLAGS_$(1)) -MMD -MP -c $$< -o $$@

$(BUILD)/$(1)/roost: $(BUILD)/$(1)/app/console/cli/main.o $(BUILD)/$(1)/libroost.a
	$$(call say,LD,$$@)$$(CC_$(1)) $$(LDFLAGS_$(1)) -o $$@ $$^ -L$$(DEPS_$(1))/lib $$(LIBS)
# What is memcpy must not be compiled to calls of it.
$(BUILD)/$(1)/app/foundation/base/block.o: RELAXED := -fno-builtin -fno-lto
endef
$(foreach kind,release check tsan,$(eval $(call KIND_RULES,$(kind))))

# UNIT_PROGRAM: the rule of one program, of the kind $(1) and the folder $(2).
define UNIT_PROGRAM
TESTS_$(1)_$(2) := $(3)
$(BUILD)/$(1)/unit/$(2): $(BUILD)/$(1)/gen/unit_$(2).o $(3:%=$(BUILD)/$(1)/tests/unit/$(2)/%.o) \
		$(if $(filter $(2),$(FAKE_CONN)),$(BUILD)/$(1)/tests/harness/fake_conn.o) \
		$(BUILD)/$(1)/libharness.a $(BUILD)/$(1)/libroost.a
	@mkdir -p $$(@D)
	$$(call say,LD,$$@)$$(CC_$(1)) $$(LDFLAGS_$(1)) -o $$@ $$^ -L$$(DEPS_$(1))/lib $$(LIBS) -lcmocka
endef

%/.built:
	vendor/build $(notdir $(patsubst %/,%,$(dir $*)))

-include $(shell find $(BUILD) -name '*.d' -type f 2>/dev/null)

# jemalloc comes before libc, so its malloc is taken and not musl's.
$(BUILD)/roost: $(BUILD)/release/app/console/cli/main.o $(BUILD)/release/libroost.a
	$(call say,LD,$@)$(CC_release) $(LDFLAGS_release) -o $@ $^ -L$(release_deps)/lib $(LIBS) -ljemalloc

# The linker's map for `make size`. An archive's members have no folder, so each object is named.
SIZE_OBJECTS := $(SOURCES:%.c=$(BUILD)/release/%.o) $(patsubst %,$(BUILD)/release/gen/%.o,licenses version web)
$(BUILD)/roost.map: $(SIZE_OBJECTS) $(BUILD)/release/sources
	$(call say,LD,$@)$(CC_release) $(LDFLAGS_release) -Wl,-Map=$@ -o $(BUILD)/roost-mapped $(SIZE_OBJECTS) \
		-L$(release_deps)/lib $(LIBS) -ljemalloc

# What is measured without a server: tests/bench/sign_bench.c is build/bench/sign_bench.
$(BUILD)/bench/%_bench: $(BUILD)/release/tests/bench/%_bench.o $(BUILD)/release/libroost.a
	@mkdir -p $(@D)
	$(call say,LD,$@)$(CC_release) $(LDFLAGS_release) -o $@ $^ -L$(release_deps)/lib $(LIBS) -ljemalloc

$(BUILD)/gen/licenses.c: scripts/gen-licenses LICENSE vendor/manifest.tsv \
		$(wildcard vendor/licenses/* web/licenses/*)
	@mkdir -p $(@D)
	$(call say,GEN,$@)scripts/gen-licenses > $@

# The web interface; what it embeds lies beside it in web.files.
$(BUILD)/gen/web.c: scripts/build-web scripts/npm-modules $(shell find web -type f)
	@mkdir -p $(@D)
	$(call say,GEN,$@)scripts/build-web $@

# The version and the commit, nothing else: the same commit gives the same bytes.
$(BUILD)/gen/version.c: FORCE
	$(call write_if_new,scripts/gen-version)

# --- What people call ------------------------------------------------------------------

UNIT_check := $(foreach f,$(FOLDERS),$(if $(TEST_$f),$(BUILD)/check/unit/$f))
$(foreach f,$(FOLDERS),$(if $(TEST_$f),$(eval $(call UNIT_PROGRAM,check,$f,$(TEST_$f:%.c=%)))))
threaded = $(patsubst $f/%,%,$(filter $(THREADED),$(TEST_$f:%.c=$f/%)))
# Tests that have more than one thread; ThreadSanitizer has nothing to report on the others.
THREADED := base/budget_test runtime/% tls/% dns/% http_client/% store/% http_server/% smtp_in/% smtp_out/% delivery/% directory/login_test directory/live_login_test \
	mailauth/dkim_verify_test queue/race_test observe/recent_test history/trace_test \
	mailbox/watch_test mailbox/lease_test mailbox/model_test server/control_test server/start_test \
	policy/prefetch_test policy/later_test policy/filter_health_test policy/milter_test policy/recall_test \
	policy/run_test policy/slots_test acme/threads_test webhook/threads_test
UNIT_tsan :=
$(foreach f,$(FOLDERS),$(if $(threaded),$(eval UNIT_tsan += $(BUILD)/tsan/unit/$f)$(eval $(call UNIT_PROGRAM,tsan,$f,$(threaded)))))
# program:target of each fuzz target. All are two programs, of which ROOST_FUZZ names the target:
# those that need fake_conn.c, and the others.
FUZZ_fuzz_session := imap_session managesieve_session pop3_session smtp_in_session
FUZZ_fuzz := $(filter-out $(FUZZ_fuzz_session),$(FUZZ:%_fuzz.c=%))
FUZZERS := $(BUILD)/check/fuzz $(BUILD)/check/fuzz_session
FUZZ_HERE := $(foreach p,fuzz fuzz_session,$(patsubst %,$(BUILD)/check/$p:%,$(filter $(addsuffix _%,$(FOLDERS)),$(FUZZ_$p))))
FUZZ_SECONDS ?= 60
FUZZ_BRIEF_SECONDS ?= 3

# Without clang a program only runs the files that it is given.
FUZZ_MAIN := $(if $(findstring clang,$(CHECK_CC)),-fsanitize=fuzzer,$(BUILD)/check/tests/fuzz/replay.o)

$(BUILD)/check/tests/fuzz/%_fuzz.o: RELAXED = -Wno-write-strings -Wno-missing-prototypes \
	-DLLVMFuzzerTestOneInput=fuzz_$(*F)

define FUZZ_PROGRAM
$(BUILD)/check/gen/$(1).c: FORCE
	$$(call write_if_new,scripts/gen-tests fuzz $(FUZZ_$(1)))

$(BUILD)/check/$(1): $(BUILD)/check/gen/$(1).o $(FUZZ_$(1):%=$(BUILD)/check/tests/fuzz/%_fuzz.o) \
		$(2) $(filter %.o,$(FUZZ_MAIN)) $(BUILD)/check/libroost.a
	$$(call say,LD,$$@)$$(CC_check) $$(LDFLAGS_check) $(filter -%,$(FUZZ_MAIN)) -o $$@ $$^ \
		-L$$(check_deps)/lib $$(LIBS) -lcmocka
endef
$(eval $(call FUZZ_PROGRAM,fuzz,$(BUILD)/check/libharness.a))
$(eval $(call FUZZ_PROGRAM,fuzz_session,$(BUILD)/check/tests/harness/fake_conn.o))

.PHONY: all run test test-all programs check corpus tsan lint reference fuzz fuzz-brief e2e browser speed api-types container footprint arm64 reproducible golden-accept bench \
	size release release-fixture setup clean help FORCE

all: $(BUILD)/roost	## build/roost: musl, static, stripped

run:		## install what is missing, build, and serve from ./data
	@scripts/setup run
	@$(MAKE) all
	@scripts/run

test:		## lint, unit tests, end-to-end and browser tests: what CI runs
	@scripts/setup test
	+@scripts/test

test-all:	## all of it, with threads, fuzzing, containers, arm64 and the long tests
	@scripts/setup test arm64
	+@scripts/test all

programs: all $(UNIT_check) $(FUZZERS) $(if $(filter all,$(ROOST_TEST)),$(UNIT_tsan))	## what the tests run

check: $(UNIT_check) $(FUZZERS)	## unit tests and fuzz regressions, with ASan and UBSan
	@scripts/test-unit check $(UNIT_check) -- $(FUZZ_HERE)

corpus: $(BUILD)/check/unit/message	## the MIME parser beside Python's, on the real mail of ../shared/corpus
	@tests/unit/message/compare_python.py $<

tsan: $(UNIT_tsan)	## unit tests of what has threads, with ThreadSanitizer
	@scripts/test-unit tsan $(UNIT_tsan)

fuzz: $(FUZZERS)	## fuzz every target for FUZZ_SECONDS (60)
	@scripts/test-fuzz $(FUZZ_SECONDS) $(FUZZ_HERE)

fuzz-brief: $(FUZZERS)	## the same for FUZZ_BRIEF_SECONDS (3), in test-all
	@scripts/test-fuzz $(FUZZ_BRIEF_SECONDS) $(FUZZ_HERE)

# The one with the sanitizers finds more and is slower: tests of speed and memory fail with it.
E2E_BINARY ?= $(BUILD)/roost
e2e: $(E2E_BINARY)	## the real binary against real clients (pytest; FILES="test_api.py", PYTEST_ARGS="-k name")
	@ROOST_BINARY=$(E2E_BINARY) scripts/test-e2e $(foreach f,$(FILES),tests/e2e/$(notdir $(f))) $(PYTEST_ARGS)

browser: all	## every page of the web interface in Chromium, with axe
	@scripts/test-browser

speed: all	## what the web interface takes to paint
	@scripts/test-browser speed

container:	## both images built and the compose file started, by buildah and podman (root)
	@scripts/test-pytest container $(PYTEST_ARGS)

footprint:	## size, memory and times of the container, as docs/reference/footprint.md has them (root)
	@PYTHONDONTWRITEBYTECODE=1 tests/container/footprint.py

arm64:		## cross built, and tested end to end by qemu
	@scripts/test-arm64 $(PYTEST_ARGS)

api-types: all	## web/src/api/schema.ts anew, of the API that the built server tells
	@scripts/npm-modules tests/browser > /dev/null
	ROOST_BINARY=$(BUILD)/roost node tests/browser/openapi.mjs > $(BUILD)/openapi.json
	scripts/gen-api-types < $(BUILD)/openapi.json > web/src/api/schema.ts

lint: $(check_deps)/.built	## layers, banned calls, RFC list, reference, English, headers, format, cppcheck
	@CHECK_CC='$(CHECK_CC)' CHECK_CFLAGS='$(CFLAGS_tested)' scripts/lint

reproducible: all	## two builds of the last commit have the same bytes
	@scripts/check-reproducible

reference:	## write the tables of docs/reference anew, from the .def files
	@PYTHONDONTWRITEBYTECODE=1 scripts/gen-reference

golden-accept: $(addprefix $(BUILD)/check/unit/,imap managesieve smtp_in message queue)	## write the files that tests compare with anew; then read the diff
	@for t in imap/golden_test managesieve/golden_test smtp_in/golden_test message/mime_test queue/bounce_test; do \
		ROOST_GOLDEN_ACCEPT=1 ROOST_SOURCE=$(CURDIR) $(BUILD)/check/unit/$${t%/*} $${t#*/} > /dev/null 2>&1; true; done
	@git --no-pager diff --stat -- tests

bench:		## side by side with other mail servers
	@scripts/setup bench
	@$(MAKE) all
	@tests/bench/run

# Without LTO: scripts/size-map explains why. gcc then warns of more that is no fault.
size: all	## bytes of the binary for each dependency and folder, and the longest files and functions
	@$(MAKE) BUILD=$(BUILD)/size LTO='-Wno-format-truncation -Wno-maybe-uninitialized' $(BUILD)/size/roost.map
	@scripts/size-map $(BUILD)/roost $(BUILD)/size/roost.map
	@scripts/size-report

release:	## all files of a release from the last commit, in build/release-VERSION (IMAGE=name of the image)
	@scripts/setup release amd64 arm64
	@scripts/release

release-fixture: all	## tests/upgrade/VERSION, the store that the tests of upgrades keep of this version
	@tests/upgrade/make-fixture "$$(cat VERSION)" $(BUILD)/roost

setup:		## install what building and testing need (Debian 12 and 13)
	@scripts/setup run test arm64 bench

clean:		## remove build/; the dependencies stay in the cache
	rm -rf $(BUILD)

help:
	@awk -F':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' Makefile
