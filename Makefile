# Earshot. `make help` lists what one can ask for.

PORT ?= 8080
VAR ?= var
PREFIX ?= /usr/local
# Where settings and state of an installation are: the system's places, or below a PREFIX of one's own.
ETC ?= $(if $(filter /usr /usr/local,$(PREFIX)),/etc/earshot,$(PREFIX)/etc)
STATE ?= $(if $(filter /usr /usr/local,$(PREFIX)),/var/lib/earshot,$(PREFIX)/var)
CC ?= cc
BUILD ?= .build
ifeq ($(strip $(BUILD)),)
$(error BUILD is empty; it must name the folder to build in)
endif

CFLAGS ?= -O2 -g
WARN := -Wall -Wextra -Wshadow -Wpointer-arith -Wstrict-prototypes -Wmissing-prototypes -Wwrite-strings \
	-Wformat=2 -Wvla -Wno-unknown-warning-option -Wno-format-truncation $(WERROR)
# CPPFLAGS: POSIX and what glibc adds to it (memfd, pipe2, getrandom).
override CPPFLAGS += -Ilib $(shell mariadb_config --include 2>/dev/null) -D_GNU_SOURCE -DEARSHOT_VERSION='"$(VERSION)"'
override CFLAGS += -std=c11 $(WARN) -fno-common -ffp-contract=off $(SANITIZE)
VERSION := 0.1.0

# Which library serves which folder; lib/README.md has the same map for people.
LIBS_base := -lcjson -lsodium -lm
LIBS_db := -lmariadb
LIBS_http := -lfcgi
LIBS_audio := -lsndfile -logg -lm
LIBS_stats := -lsodium -lm
LIBS_cli := -lcurl
LIBS_engine := -lfluidsynth -lsodium -lutf8proc -lcurl -lsndfile -lm

# A program is one file in cgi-bin/ and the folders of lib/ that it may link.
PROGRAMS := $(patsubst cgi-bin/%.c,%,$(sort $(wildcard cgi-bin/*.c)))
LINK_earshot.fcgi := api stats peaks http records db storage ipc base
LINK_earshotd := daemon records db storage ipc base
LINK_earshot-worker := worker engine audio storage ipc base
LINK_earshot := cli worker engine audio records db storage ipc base

FOLDERS := base http db records stats audio storage engine ipc api daemon worker cli
sources = $(sort $(shell find lib/$(1) -name '*.c' 2>/dev/null))
$(foreach f,$(FOLDERS),$(eval OBJ_$(f) := $(patsubst %.c,$(BUILD)/%.o,$(call sources,$(f)))))
OBJ_engine += $(BUILD)/lib/engine/band/styles.o
OBJ_peaks := $(BUILD)/lib/audio/peaks.o $(BUILD)/lib/audio/pcm.o	# all of audio that the responder needs: it links no codec

.PHONY: all help deps run start stop status check bench install bundle clean
.DELETE_ON_ERROR:
.SECONDARY:	# objects of tests, which nobody names, would be made again by the next make

all: $(PROGRAMS:%=$(BUILD)/bin/%) $(BUILD)/musicgen_reference $(BUILD)/storage_objects $(BUILD)/die.so

help:
	@sed -n 's/^#: //p' Makefile

# make run, without a checkout's leftovers in the way: the packages first, then a make that sees them.
#: make run      install what is missing, build, start everything, print the address; Ctrl-C stops it (PORT=, VAR=)
run: deps
	@$(MAKE) -s -j$$(nproc) all && exec sh lib/local/stack.sh run "$(VAR)" "$(PORT)"

#: make start    the same in the background
start: deps
	@$(MAKE) -s -j$$(nproc) all && sh lib/local/stack.sh start "$(VAR)" "$(PORT)"

#: make stop     stop what `make start` or `make run` started
stop:
	@sh lib/local/stack.sh stop "$(VAR)" "$(PORT)"

#: make status   say what runs
status:
	@sh lib/local/stack.sh status "$(VAR)" "$(PORT)"

deps:
	@sh lib/local/deps.sh run

#: make check    install what the tests need, build and run every test
check:
	@sh lib/local/deps.sh check
	@sh tests/run.sh

#: make bench    measure speed and memory, each beside its limit
bench:
	@sh lib/local/deps.sh bench
	@$(MAKE) -s -j$$(nproc) all && sh tests/bench/run.sh

#: make all      build the programs into .build/bin
#: make install  put programs, pages and schema under PREFIX (/usr/local, or a folder of yours), DESTDIR in front
install: all
	@sh lib/host/install.sh "$(BUILD)/bin" "$(PREFIX)" "$(ETC)" "$(STATE)"

#: make bundle   the same with all libraries and the soundfont, for a host where nothing can be installed (SOUNDFONT=)
bundle: all
	@sh lib/host/install.sh "$(BUILD)/bin" "$(PREFIX)" "$(ETC)" "$(STATE)" libraries

#: make clean    remove what was built; var/ stays
clean:
	rm -rf $(BUILD)

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

# Sound is long loops of arithmetic: a tenth less time, of MusicGen's kernels two thirds. The result is the same to the bit.
$(OBJ_audio) $(patsubst %,$(BUILD)/lib/engine/band/%.o,render room bus texture_sound) \
	$(filter $(BUILD)/lib/engine/musicgen/kernels_%,$(OBJ_engine)): \
	override CFLAGS := $(patsubst -O2,-O3,$(CFLAGS))

# Each kind of processor has its own; which one runs is chosen when the program starts (engine/musicgen/kernels.c).
ifneq ($(filter x86_64%,$(shell $(CC) -dumpmachine)),)
$(BUILD)/lib/engine/musicgen/kernels_avx2.o: override CFLAGS += -mavx2 -mfma -mf16c
$(BUILD)/lib/engine/musicgen/kernels_avx512.o: override CFLAGS += -mavx512f -mavx512bw -mavx2 -mfma -mf16c
$(BUILD)/lib/engine/musicgen/kernels_vnni.o: override CFLAGS += -mavx512f -mavx512bw -mavx512vnni -mavx2 -mfma -mf16c
endif

# What one may look for in them is not worth minutes of compiling, which they take with sanitizers and -g.
$(filter $(BUILD)/lib/engine/musicgen/kernels_%,$(OBJ_engine)): override CFLAGS += -g0

# The styles of the band are text files; they are linked in, so that the engine opens none.
$(BUILD)/lib/engine/band/styles.c: lib/engine/band/embed.sh $(wildcard lib/engine/band/styles/*)
	@mkdir -p $(@D)
	sh lib/engine/band/embed.sh lib/engine/band/styles > $@

$(BUILD)/lib/engine/band/styles.o: $(BUILD)/lib/engine/band/styles.c
	$(CC) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

# The description of the API is linked in, too.
$(BUILD)/lib/api/openapi.o: www/openapi.json

# So is the name of the last migration; the folder is younger than each file that came or went.
$(BUILD)/lib/records/schema.o: override CPPFLAGS += -DEARSHOT_SCHEMA='"$(lastword $(sort $(notdir $(wildcard schema/*.sql))))"'
$(BUILD)/lib/records/schema.o: schema

define program
$(BUILD)/bin/$(1): $(BUILD)/cgi-bin/$(1).o $(foreach f,$(LINK_$(1)),$(OBJ_$(f)))
	@mkdir -p $$(@D)
	$$(CC) $$(CFLAGS) $$(LDFLAGS) -o $$@ $$^ $(foreach f,$(LINK_$(1)),$(LIBS_$(f)))
endef
$(foreach p,$(PROGRAMS),$(eval $(call program,$(p))))

# Each of some hundred test programs is linked with the whole library; gold, where it is there, takes a third of the time.
GOLD := $(if $(shell command -v ld.gold),-fuse-ld=gold)

# Unit tests: tests/unit/FOLDER_*.c is a program of its own, linked with everything that its folder may use.
UNIT := $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(sort $(wildcard tests/unit/*_test.c)))
UNIT_OBJ := $(foreach f,$(FOLDERS),$(OBJ_$(f)))
UNIT_LIBS := $(sort $(foreach f,$(FOLDERS),$(LIBS_$(f)))) -lebur128 -lcmocka

.PHONY: unit
unit: $(UNIT)

$(BUILD)/libearshot.a: $(UNIT_OBJ)
	@rm -f $@
	ar rcs $@ $^

$(BUILD)/unit/%: $(BUILD)/tests/unit/%.o $(BUILD)/libearshot.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(GOLD) $(LDFLAGS) -o $@ $< $(BUILD)/libearshot.a $(UNIT_LIBS)

# Checks any MusicGen checkpoint against reference outputs beside it.
$(BUILD)/musicgen_reference: $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/musicgen/*.c)) \
	$(foreach f,engine audio base,$(OBJ_$(f)))
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(foreach f,engine audio base,$(LIBS_$(f)))

# Lets the tests of a storage ask it for anything.
$(BUILD)/storage_objects: $(BUILD)/tests/storage/objects.o $(foreach f,storage base,$(OBJ_$(f)))
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(foreach f,storage base,$(LIBS_$(f)))

# Kills a program of ours at a chosen step.
$(BUILD)/die.so: tests/faults/die.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -fPIC -shared -o $@ $<

# Database tests: the same with a MariaDB, which tests/db/run.sh gives them, and what else is in tests/db.
DBTESTS := $(patsubst tests/db/%.c,$(BUILD)/dbtests/%,$(sort $(wildcard tests/db/*_test.c)))
DBTESTS_OBJ := $(patsubst %.c,$(BUILD)/%.o,$(filter-out %_test.c,$(wildcard tests/db/*.c)))

.PHONY: dbtests
dbtests: $(DBTESTS)

$(BUILD)/dbtests/%: $(BUILD)/tests/db/%.o $(DBTESTS_OBJ) $(BUILD)/libearshot.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(GOLD) $(LDFLAGS) -o $@ $^ $(UNIT_LIBS)

# What Earshot is compared with, and what measures parts of it: tests/bench/X.c, a program each.
BENCHES := $(patsubst tests/bench/%.c,$(BUILD)/bench/%,$(sort $(wildcard tests/bench/*.c)))

.PHONY: benches
benches: $(BENCHES)

$(BUILD)/bench/%: $(BUILD)/tests/bench/%.o $(BUILD)/libearshot.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(GOLD) $(LDFLAGS) -o $@ $^ $(UNIT_LIBS)

# Fuzz targets: tests/fuzz/X_fuzz.c becomes a program that runs on tests/fuzz/corpus/X in `make check`.
FUZZ := $(patsubst tests/fuzz/%_fuzz.c,$(BUILD)/fuzz/%,$(sort $(wildcard tests/fuzz/*_fuzz.c)))

FUZZ_MAIN = $(BUILD)/tests/fuzz/main.o

.PHONY: fuzz libfuzzer
fuzz: $(FUZZ)

$(BUILD)/fuzz/%: $(BUILD)/tests/fuzz/%_fuzz.o $(FUZZ_MAIN) $(BUILD)/libearshot.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(GOLD) $(LDFLAGS) $(FUZZ_FLAGS) -o $@ $^ $(filter-out -lebur128 -lcmocka,$(UNIT_LIBS))

# For a real search: .build/libfuzzer/fuzz/X FOLDER tests/fuzz/corpus/X writes what it finds new to FOLDER.
#: make libfuzzer  build the fuzz targets for clang's libFuzzer (libclang-rt-dev), into .build/libfuzzer/fuzz
libfuzzer:
	@$(MAKE) CC=clang BUILD=$(BUILD)/libfuzzer CFLAGS='-O1 -g' FUZZ_MAIN= FUZZ_FLAGS=-fsanitize=fuzzer \
		SANITIZE='-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all' fuzz

-include $(shell find $(BUILD) -type f -name '*.d' 2>/dev/null)
