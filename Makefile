# SPDX-License-Identifier: MIT
# crm-utils. `make help` lists the targets.
#
# Nothing here recurses into a folder; a target that needs another variant
# (asan, fuzz, cover) calls this same file again with that variant's switch.
# Each variant has a build folder of its own: build, build-clang, build-san...

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules

# What the user may set. Flags are added to ours, never put in their place.
CC ?= cc
AR ?= ar
PKG_CONFIG ?= pkg-config
PREFIX ?= /usr/local
DESTDIR ?=
BINDIR ?= $(PREFIX)/bin
MANDIR ?= $(PREFIX)/share/man
DATADIR ?= $(PREFIX)/share
LIBDIR ?= $(PREFIX)/lib
CFLAGS ?=
CPPFLAGS ?=
LDFLAGS ?=
# Tests run so many at a time.
JOBS ?= 2
# Seconds for each fuzz target.
FUZZ_TIME ?= 60
# Of libFuzzer's random numbers; 0: others each time.
FUZZ_SEED ?= 0
# Minutes for the soak.
SOAK_TIME ?= 30
# shared: link the four libraries dynamically, as distributions want.
LINK ?= static
# Switches: SAN=1 ASan and UBSan; COV=1 coverage; FUZZ=1 libFuzzer's
# instrumentation; WERROR=1 as CI does; V=1 shows commands.
SAN ?=
COV ?=
FUZZ ?=
WERROR ?=
V ?=

Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-7s %s\n' '$(1)' '$(2)' &&)

# --- variant -----------------------------------------------------------------

ifneq ($(FUZZ),)
CC := clang
endif
IS_CLANG := $(findstring clang,$(notdir $(firstword $(CC))))
BUILD ?= build$(if $(FUZZ),-fuzz,$(if $(IS_CLANG),-clang))$(if $(SAN),-san)$(if $(COV),-cov)

# In a clone the tag nearest to it; in a tarball what dist wrote into VERSION.
VERSION := $(or $(if $(wildcard .git),$(patsubst v%,%,$(shell \
    git describe --tags --match 'v[0-9]*' --dirty 2>/dev/null))),$(shell cat VERSION))

WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes \
    -Wmissing-prototypes -Wwrite-strings -Wformat=2 -Wvla -Wcast-qual \
    -Wundef -Wunused-result $(if $(WERROR),-Werror)
DEFS := -std=c11 -D_POSIX_C_SOURCE=200809L -Ilib -include lib/base/banned.h

SAN_FLAGS := -fsanitize=address,undefined -fno-sanitize-recover=all
ifneq ($(FUZZ),)
OPT := -O1 -g -fsanitize=fuzzer-no-link $(SAN_FLAGS) -fno-omit-frame-pointer
OPT_LD := $(SAN_FLAGS)
else ifneq ($(SAN),)
OPT := -O1 -g $(SAN_FLAGS) -fno-omit-frame-pointer
OPT_LD := $(SAN_FLAGS)
else ifneq ($(COV),)
# gcov writes its counts at exit: the sandbox lets it.
OPT := -O0 -g --coverage -DCRM_COVERAGE='"$(abspath $(BUILD))"'
OPT_LD := --coverage
else
OPT := -O2 -g -D_FORTIFY_SOURCE=2
OPT_LD :=
endif
# No path of this machine in what is built: two builds give the same bytes.
HARDEN := -fstack-protector-strong -fstack-clash-protection -fPIE \
    -ffile-prefix-map=$(CURDIR)=.
HARDEN_LD := -pie -Wl,-z,relro,-z,now -Wl,--as-needed

# pkg-config is asked when the first recipe runs, not while this file is read:
# by then `make demo` and `make check` have installed what was missing.
LIBS := yaml-0.1 libutf8proc libsodium
once = $(eval $(1) := $(2))$($(1))
PKG_CFLAGS = $(call once,PKG_CFLAGS,$(shell \
    $(PKG_CONFIG) --cflags $(LIBS) $$($(PKG_CONFIG) --exists lmdb && echo lmdb)))
PKG_LIBS = $(call once,PKG_LIBS,$(shell $(PKG_CONFIG) --libs $(LIBS); \
    $(PKG_CONFIG) --exists lmdb && $(PKG_CONFIG) --libs lmdb || echo -llmdb))
# GMime is linked to what uses it alone (--as-needed): crm-mail, and the module
# that crm-log loads. It has no static library, and its headers are not ours to
# warn about.
GMIME_CFLAGS = $(call once,GMIME_CFLAGS,$(patsubst -I%,-isystem %,$(shell \
    $(PKG_CONFIG) --cflags gmime-3.0)))
GMIME_LIBS = $(call once,GMIME_LIBS,$(shell $(PKG_CONFIG) --libs gmime-3.0))
UTF8_LIBS = $(call once,UTF8_LIBS,$(shell $(PKG_CONFIG) --libs libutf8proc))
comma := ,
CHECK_CFLAGS = $(call once,CHECK_CFLAGS,$(shell $(PKG_CONFIG) --cflags check))
CHECK_LIBS = $(call once,CHECK_LIBS,$(shell $(PKG_CONFIG) --libs check))

ALL_CFLAGS = $(DEFS) $(OPT) $(HARDEN) $(WARN) $(PKG_CFLAGS) $(CPPFLAGS) $(CFLAGS)
ALL_LDFLAGS = $(OPT_LD) $(HARDEN_LD) $(CFLAGS) $(LDFLAGS)
ifeq ($(LINK),shared)
ALL_LIBS = $(PKG_LIBS) $(GMIME_LIBS) -lm -pthread
else
ALL_LIBS = -Wl,-Bstatic $(PKG_LIBS) -Wl,-Bdynamic $(GMIME_LIBS) -lm -pthread
endif

# --- files -------------------------------------------------------------------

LIB_SRC := $(sort $(wildcard lib/*/*.c))
CMD_SRC := $(sort $(wildcard cmd/*.c))
UNIT_SRC := $(sort $(wildcard tests/unit/*.c))
FAULT_SRC := $(sort $(wildcard tests/fault/*.c))
# tests/fuzz/replay.c is no target: see fuzz below.
FUZZ_SRC := $(filter-out tests/fuzz/replay.c,$(sort $(wildcard tests/fuzz/*.c)))
BATS := $(sort $(wildcard tests/cli/*.bats))
FAULT_BATS := $(sort $(wildcard tests/fault/*.bats))
ifneq ($(SAN),)
# These preload a shim that has malloc too, or let LMDB loose on damaged pages:
# ASan stands before the shim, and before the handlers that make a 74 of it.
FAULT_BATS := $(filter-out %/cut.bats %/sweep.bats %/erase.bats %/export.bats \
    %/mail.bats %/outbox.bats %/damage.bats,$(FAULT_BATS))
endif
PO := $(sort $(wildcard po/*.po))
MAN := $(sort $(wildcard man/*.[1-9]))

OBJ := $(BUILD)/obj
LIB_OBJ := $(LIB_SRC:%.c=$(OBJ)/%.o)
CMD_OBJ := $(CMD_SRC:%.c=$(OBJ)/%.o)
UNIT_OBJ := $(UNIT_SRC:%.c=$(OBJ)/%.o)
LIB := $(BUILD)/libcrm.a
BIN := $(CMD_SRC:cmd/%.c=$(BUILD)/bin/%)
UNIT := $(UNIT_SRC:tests/unit/%.c=$(BUILD)/unit/%)
# A shim is preloaded into the program under test, the rest are programs.
FAULT_SHIM := $(patsubst tests/fault/%.c,$(BUILD)/fault/%.so,$(filter %shim.c,$(FAULT_SRC)))
# help.c is part of each of them.
FAULT_HELP := $(OBJ)/tests/fault/help.o
FAULT_BIN := $(patsubst tests/fault/%.c,$(BUILD)/fault/%,$(filter-out %shim.c %/help.c,$(FAULT_SRC)))
FUZZ_BIN := $(FUZZ_SRC:tests/fuzz/%.c=$(BUILD)/fuzz/%)
# lib/mail/module.h: what reads mail, with its own copy of what it needs of
# lib/base, in a shared object that crm-log loads when asked to.
MODULE := $(BUILD)/lib/crm-utils/mail.so
MODULE_SRC := $(sort $(wildcard lib/mail/incoming*.c)) lib/mail/mime_parts.c \
    lib/mail/module_table.c \
    $(addprefix lib/base/,arena.c buf.c err.c mem.c num.c str.c utf8.c vec.c)
MODULE_OBJ := $(MODULE_SRC:%.c=$(BUILD)/pic/%.o)
MO := $(PO:po/%.po=$(BUILD)/locale/%/LC_MESSAGES/crm.mo)

# The built-in schema is a YAML file like the user's, compiled in: as text, and
# as the form that a start reads. A program of the build makes that form, from
# the floors below it and all of lib/record but the file that holds it.
MKSCHEMA_OBJ := $(filter-out %/builtin.o,$(filter $(OBJ)/lib/base/% \
    $(OBJ)/lib/record/%,$(LIB_OBJ))) $(OBJ)/tools/mkschema.o
LIB_OBJ += $(OBJ)/gen/builtin_schema.o $(OBJ)/gen/builtin_made.o

# Presets of crm-import are map files like the user's, compiled in as text.
PRESETS := $(sort $(wildcard lib/crm/presets/*.yaml))
PRESET_GEN := $(PRESETS:lib/crm/presets/%.yaml=$(BUILD)/gen/preset_%.c)
LIB_OBJ += $(PRESET_GEN:$(BUILD)/gen/%.c=$(OBJ)/gen/%.o)

.SECONDARY: $(LIB_OBJ) $(CMD_OBJ) $(UNIT_OBJ) $(MKSCHEMA_OBJ) \
    $(BUILD)/gen/builtin_schema.c $(BUILD)/gen/builtin_made.c $(PRESET_GEN) \
    $(FAULT_SRC:%.c=$(OBJ)/%.o) $(FUZZ_SRC:%.c=$(OBJ)/%.o) $(OBJ)/tests/fuzz/replay.o

# --- what is missing ---------------------------------------------------------

# Only the targets that a newcomer runs first install anything, and only what
# a look for the file says is missing.
WANTS := $(if $(filter demo,$(MAKECMDGOALS)),build) \
    $(if $(filter check check-unit check-cli asan fault soak,$(MAKECMDGOALS)),build test) \
    $(if $(filter fuzz,$(MAKECMDGOALS)),build fuzz) \
    $(if $(filter bench,$(MAKECMDGOALS)),build bench) \
    $(if $(filter cover,$(MAKECMDGOALS)),build test cover) \
    $(if $(filter lint,$(MAKECMDGOALS)),build lint)
WANTS := $(sort $(WANTS))
ifneq ($(WANTS),)
DEPS := deps
endif

.PHONY: deps
deps:
	@tools/deps.sh $(WANTS)

# --- rules -------------------------------------------------------------------

.PHONY: all
all: $(BIN) $(LIB) $(MODULE) $(MO)

# Files that hold the flags: what is made with other flags is made again. They
# are rewritten only when they differ.
define write_if_changed
@mkdir -p $(@D)
@printf '%s\n' '$(1)' | cmp -s - $@ || printf '%s\n' '$(1)' >$@
endef

.PHONY: FORCE
FORCE:

APP_DEFS := -DMAY_SETLOCALE -DLOCALEDIR='"$(DATADIR)/locale"' \
    -DLIBDIR='"$(LIBDIR)"' -DCRM_VERSION='"$(VERSION)"'
quoted = $(subst ','\'',$(1))

$(BUILD)/flags: FORCE | $(DEPS)
	$(call write_if_changed,$(call quoted,$(CC) $(ALL_CFLAGS)))
$(BUILD)/flags-app: FORCE | $(DEPS)
	$(call write_if_changed,$(call quoted,$(APP_DEFS)))
$(BUILD)/flags-link: FORCE | $(DEPS)
	$(call write_if_changed,$(call quoted,$(CC) $(ALL_LDFLAGS) $(ALL_LIBS)))
$(BUILD)/objects: FORCE
	$(call write_if_changed,$(LIB_OBJ))

# Each result is written aside and renamed: neither a break nor a second make
# in the same tree leaves half a file.
define compile
$(call say,CC,$<)mkdir -p $(@D) && \
    $(CC) $(ALL_CFLAGS) $(MORE) -MMD -MP -MF $(@:.o=.d) -MT $@ -c -o $@.$$$$ $< && \
    mv -f $@.$$$$ $@ || { rm -f $@.$$$$; exit 1; }
endef
define link
$(call say,LD,$@)mkdir -p $(@D) && \
    $(CC) $(ALL_LDFLAGS) -o $@.$$$$ $(filter %.o,$^) $(filter %.a,$^) $(ALL_LIBS) $(MORE_LIBS) && \
    mv -f $@.$$$$ $@ || { rm -f $@.$$$$; exit 1; }
endef

$(OBJ)/%.o: %.c $(BUILD)/flags Makefile
	$(compile)

$(OBJ)/lib/app/%.o: MORE = $(APP_DEFS)
$(filter $(OBJ)/lib/app/%,$(LIB_OBJ)): $(BUILD)/flags-app
# A file cannot ask for more of the system by a #define: banned.h has read the
# headers by then. GNU's extensions are for os*.c alone; POSIX's XSI part has the
# alternate signal stack.
GNU_FLAGS := -U_POSIX_C_SOURCE -D_GNU_SOURCE
XSI_FLAGS := -D_XOPEN_SOURCE=700
$(OBJ)/lib/base/os.o $(OBJ)/lib/base/os_sandbox.o: MORE = $(GNU_FLAGS)
$(OBJ)/lib/store/fault.o $(OBJ)/lib/app/mail_in_guard.o: MORE = $(XSI_FLAGS)
$(OBJ)/lib/mail/%.o: MORE = $(GMIME_CFLAGS)
$(OBJ)/tests/unit/%.o: MORE = -DMAY_SETLOCALE -Itests/unit $(CHECK_CFLAGS)
$(OBJ)/tests/fault/%.o: MORE = -DMAY_SETLOCALE
$(OBJ)/tests/fuzz/%.o: MORE = -DMAY_SETLOCALE

$(BUILD)/gen/builtin_schema.c: lib/record/builtin.yaml tools/embed.sh
	$(call say,EMBED,$<)mkdir -p $(@D) && \
	    tools/embed.sh schema_builtin_text $< >$@.$$$$ && mv -f $@.$$$$ $@
$(BUILD)/gen/preset_%.c: lib/crm/presets/%.yaml tools/embed.sh
	$(call say,EMBED,$<)mkdir -p $(@D) && \
	    tools/embed.sh preset_$(subst -,_,$*) $< >$@.$$$$ && mv -f $@.$$$$ $@
$(BUILD)/mkschema: $(MKSCHEMA_OBJ) $(BUILD)/flags-link
	$(link)
$(BUILD)/gen/builtin_made.c: lib/record/builtin.yaml $(BUILD)/mkschema
	$(call say,GEN,$@)mkdir -p $(@D) && \
	    $(BUILD)/mkschema $< >$@.$$$$ && mv -f $@.$$$$ $@ || \
	    { rm -f $@.$$$$; exit 1; }
$(OBJ)/gen/%.o: $(BUILD)/gen/%.c $(BUILD)/flags Makefile
	$(compile)

$(LIB): $(LIB_OBJ) $(BUILD)/objects
	$(call say,AR,$@)mkdir -p $(@D) && rm -f $@.$$$$ && \
	    $(AR) rcsD $@.$$$$ $(LIB_OBJ) && mv -f $@.$$$$ $@

# The last of two such flags counts: -fPIC instead of -fPIE.
$(BUILD)/pic/%.o: MORE = $(GMIME_CFLAGS) -fPIC -fvisibility=hidden
$(BUILD)/pic/%.o: %.c $(BUILD)/flags Makefile
	$(compile)
$(MODULE): $(MODULE_OBJ) $(BUILD)/flags-link
	$(call say,LD,$@)mkdir -p $(@D) && \
	    $(CC) $(filter-out -pie,$(ALL_LDFLAGS)) -shared $(if $(SAN),,-Wl$(comma)-z$(comma)defs) \
	    -o $@.$$$$ $(MODULE_OBJ) $(UTF8_LIBS) $(GMIME_LIBS) && mv -f $@.$$$$ $@

$(BUILD)/bin/%: $(OBJ)/cmd/%.o $(LIB) $(BUILD)/flags-link
	$(link)
# private: what a program is made from is linked without them.
$(BUILD)/unit/%: private MORE_LIBS = $(CHECK_LIBS)
$(BUILD)/unit/%: $(OBJ)/tests/unit/%.o $(LIB) $(BUILD)/flags-link
	$(link)
$(BUILD)/fault/%: $(OBJ)/tests/fault/%.o $(FAULT_HELP) $(LIB) $(BUILD)/flags-link
	$(link)
# A shim is no sanitized code: it is loaded before their run time is.
$(BUILD)/fault/%.so: tests/fault/%.c tests/fault/trace.h $(BUILD)/flags Makefile
	$(call say,SHIM,$@)mkdir -p $(@D) && \
	    $(CC) -std=c11 -D_GNU_SOURCE -O1 -g $(WARN) -fPIC -shared -o $@.$$$$ $< && \
	    mv -f $@.$$$$ $@
# With FUZZ=1 a fuzz target has libFuzzer's main, else it replays its corpus.
ifneq ($(FUZZ),)
$(BUILD)/fuzz/%: private MORE_LIBS = -fsanitize=fuzzer
$(BUILD)/fuzz/%: $(OBJ)/tests/fuzz/%.o $(LIB) $(BUILD)/flags-link
	$(link)
else
$(BUILD)/fuzz/%: $(OBJ)/tests/fuzz/%.o $(OBJ)/tests/fuzz/replay.o $(LIB) $(BUILD)/flags-link
	$(link)
endif

$(BUILD)/locale/%/LC_MESSAGES/crm.mo: po/%.po
	$(call say,MSGFMT,$<)mkdir -p $(@D) && msgfmt --check-format -o $@.$$$$ $< && mv -f $@.$$$$ $@

-include $(wildcard $(LIB_OBJ:.o=.d) $(MODULE_OBJ:.o=.d) $(OBJ)/tools/mkschema.d $(CMD_OBJ:.o=.d) $(UNIT_OBJ:.o=.d) \
    $(FAULT_SRC:%.c=$(OBJ)/%.d) $(OBJ)/tests/fuzz/*.d)

# --- use and tests -----------------------------------------------------------

.PHONY: demo check check-unit check-cli check-fuzz asan fault soak fuzz bench cover
demo: all
	tools/demo.sh $(BUILD)/bin

TEST_ENV = BUILD='$(BUILD)' JOBS='$(JOBS)' SAN='$(SAN)'

check: all $(UNIT) $(FAULT_SHIM) $(FAULT_BIN) $(FUZZ_BIN)
	@$(TEST_ENV) tests/run unit $(UNIT) -- fuzz $(FUZZ_BIN) \
	    -- cli $(BATS) -- fault $(FAULT_BATS)

check-unit: $(UNIT)
	@$(TEST_ENV) tests/run unit $(UNIT)

check-cli: all
	@$(TEST_ENV) tests/run cli $(BATS)

check-fuzz: $(FUZZ_BIN)
	@$(TEST_ENV) tests/run fuzz $(FUZZ_BIN)

asan: | $(DEPS)
	$(MAKE) SAN=1 check

fault: all $(FAULT_SHIM) $(FAULT_BIN)
	@$(TEST_ENV) tests/run fault $(FAULT_BATS)

soak: all $(FAULT_SHIM) $(FAULT_BIN)
	@$(TEST_ENV) CRM_SOAK='$(SOAK_TIME)' tests/run fault $(FAULT_BATS)

ifneq ($(FUZZ),)
fuzz: $(FUZZ_BIN)
	@BUILD='$(BUILD)' FUZZ_TIME='$(FUZZ_TIME)' FUZZ_SEED='$(FUZZ_SEED)' \
	    JOBS='$(JOBS)' tests/run-fuzz $(FUZZ_BIN)
else
fuzz: | $(DEPS)
	$(MAKE) FUZZ=1 fuzz
endif

bench: all
	@if [ -x tests/bench/run ]; then CRM_BIN='$(CURDIR)/$(BUILD)/bin' tests/bench/run; \
	else echo 'bench: there is no tests/bench/run'; fi

ifneq ($(COV),)
cover: check
	gcovr --root . --object-directory $(BUILD) --filter lib/ --filter cmd/ \
	    --gcov-ignore-parse-errors --exclude-throw-branches --sort-percentage \
	    --html-details $(BUILD)/cover.html --print-summary
else
cover: | $(DEPS)
	$(MAKE) COV=1 cover
endif

# --- lint --------------------------------------------------------------------

.PHONY: lint format tidy completions pot
LINT_ENV = BUILD='$(BUILD)' CC='$(CC)' JOBS='$(JOBS)' \
    LINT_CFLAGS='$(call quoted,-std=c11 -D_POSIX_C_SOURCE=200809L -Ilib $(WARN) $(PKG_CFLAGS))'

# make has a LINT of its own, the name of a program.
ifeq ($(origin LINT),default)
LINT :=
endif
# Steps that read sources alone do not wait for a build.
LINT_SOURCES := floors headers format spdx sh man po cppcheck
lint: $(if $(filter-out $(LINT_SOURCES),$(or $(LINT),all)),all) | $(DEPS)
	@$(LINT_ENV) MAKE='$(MAKE)' tools/lint.sh $(LINT)

format:
	clang-format-14 -i $(wildcard lib/*/*.[ch] cmd/*.c tests/*/*.[ch])

# A file is looked at again when its object is newer: so only after a change.
TIDY := $(patsubst %.c,$(BUILD)/tidy/%.ok,$(LIB_SRC) $(CMD_SRC))
tidy: $(TIDY)
$(BUILD)/tidy/lib/app/%.ok: MORE = $(APP_DEFS)
$(BUILD)/tidy/lib/mail/%.ok: MORE = $(GMIME_CFLAGS)
$(BUILD)/tidy/lib/base/os.ok $(BUILD)/tidy/lib/base/os_sandbox.ok: MORE = $(GNU_FLAGS)
$(BUILD)/tidy/lib/store/fault.ok $(BUILD)/tidy/lib/app/mail_in_guard.ok: MORE = $(XSI_FLAGS)
$(BUILD)/tidy/%.ok: %.c $(OBJ)/%.o .clang-tidy
	$(call say,TIDY,$<)mkdir -p $(@D) && \
	    tools/tidy.sh $< $(DEFS) $(WARN) $(PKG_CFLAGS) $(CPPFLAGS) $(MORE) && touch $@

# What there is to translate; msgmerge -U po/es.po build/crm.pot takes it in.
pot:
	@mkdir -p $(BUILD)
	xgettext --from-code=UTF-8 --language=C --package-name=crm-utils \
	    --keyword=_ --keyword=N_ --keyword=cmd_text_n:1,2 \
	    --keyword=err_text --keyword=err_set:3 --keyword=err_sys:4 --keyword=err_prefix:2 --keyword=err_add:2 \
	    --keyword=reader_bad:2 --keyword=json_fail:2 --keyword=json_refuse:3 --keyword=guess_refuse:2 --keyword=foreign_kind:3 --keyword=bad_account:2 --keyword=broken:3 --keyword=query_fail:6 --keyword=node_fail:4 --keyword=import_fault:3 \
	    --keyword=ERR_N --keyword=canon_refuse:3 --keyword=making_refuse:2 --keyword=refuse_label:3 \
	    --keyword=fault:3 --keyword=model_fault:3 --keyword=use_fault:3 --keyword=want_type:4 --keyword=refuse:3 --keyword=one_of:4 --keyword=bad_value:4 --keyword=lmdb_fail:3 --keyword=lmdb_tx_fail:3 --keyword=system_fail:4 \
	    --keyword=fail:4,4t --keyword=fail:2,2t --keyword=fail:2,3t --keyword=fail:2,4t \
	    --no-location \
	    --sort-output -o $(BUILD)/crm.pot $(LIB_SRC) $(CMD_SRC)

completions: all
	tools/completions.sh $(BUILD)/bin completions

# --- install -----------------------------------------------------------------

COMP := $(wildcard completions/bash/* completions/zsh/* completions/fish/*)
EXAMPLES := $(sort $(wildcard examples/*))
man_dir = $(MANDIR)/man$(patsubst .%,%,$(suffix $(1)))
# Each word is FROM:TO. install and uninstall read this one list.
INSTALL_BIN = $(foreach f,$(BIN),$(f):$(BINDIR)/$(notdir $(f)))
INSTALL_DATA = $(foreach f,$(MAN),$(f):$(call man_dir,$(f))/$(notdir $(f))) \
    $(foreach f,$(wildcard completions/bash/*),$(f):$(DATADIR)/bash-completion/completions/$(notdir $(f))) \
    $(foreach f,$(wildcard completions/zsh/*),$(f):$(DATADIR)/zsh/site-functions/$(notdir $(f))) \
    $(foreach f,$(wildcard completions/fish/*),$(f):$(DATADIR)/fish/vendor_completions.d/$(notdir $(f))) \
    $(MODULE):$(LIBDIR)/crm-utils/$(notdir $(MODULE)) \
    $(foreach f,$(MO),$(f):$(f:$(BUILD)/locale/%=$(DATADIR)/locale/%)) \
    $(foreach f,$(wildcard README.md NEWS.md LICENSE VIOLATIONS.md),$(f):$(DATADIR)/doc/crm-utils/$(f)) \
    $(foreach f,$(EXAMPLES),$(f):$(DATADIR)/doc/crm-utils/$(f))

.PHONY: install uninstall list-installed
install: all
	@tools/install.sh install '$(DESTDIR)' $(INSTALL_BIN) -- $(INSTALL_DATA)

uninstall:
	@tools/install.sh uninstall '$(DESTDIR)' $(INSTALL_BIN) -- $(INSTALL_DATA)

# What install puts, one path a line, for distcheck.
list-installed:
	@tools/install.sh list '' $(INSTALL_BIN) -- $(INSTALL_DATA)

# --- release -----------------------------------------------------------------

.PHONY: dist distcheck clean help
DIST := crm-utils-$(VERSION)

dist:
	@tools/dist.sh '$(DIST)' '$(VERSION)'

distcheck: dist
	@MAKE='$(MAKE)' CC='$(CC)' WERROR='$(WERROR)' JOBS='$(JOBS)' tools/distcheck.sh '$(DIST)' '$(BUILD)/distcheck'

clean:
	rm -rf build build-* crm-utils-*.tar.gz

help:
	@echo 'all          build the programs into $(BUILD)/bin (default)'
	@echo 'demo         install what is missing, build, load examples, show the main job'
	@echo 'check        unit and CLI tests; check-unit, check-cli: one of the two'
	@echo 'asan         the same tests under ASan and UBSan (SAN=1 check)'
	@echo 'fault, soak  fault tests, quick and for SOAK_TIME=$(SOAK_TIME) minutes'
	@echo 'fuzz         each fuzz target for FUZZ_TIME=$(FUZZ_TIME) seconds, with clang'
	@echo 'bench        measure, with peers'
	@echo 'lint         what CI checks without running; LINT="format sh" picks'
	@echo 'format       put every C file into the house style'
	@echo 'cover        tests with coverage, report in build-cov/cover.html'
	@echo 'completions  make the files of completions/ again'
	@echo 'pot          collect the messages to translate into $(BUILD)/crm.pot'
	@echo 'install      to PREFIX=$(PREFIX), below DESTDIR; uninstall takes it away'
	@echo 'dist         the tarball; distcheck tries it'
	@echo 'clean        remove all build folders'
	@echo 'Variables: CC CFLAGS CPPFLAGS LDFLAGS PKG_CONFIG PREFIX BINDIR LIBDIR'
	@echo '           MANDIR DATADIR DESTDIR JOBS; LINK=shared SAN=1 COV=1 WERROR=1 V=1'
