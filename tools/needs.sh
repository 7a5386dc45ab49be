# Sourced by ./uos and ./check, which set $root: what is needed here, how to get it, how to build. All it says goes to stderr.
# shellcheck shell=sh disable=SC2154,SC3013 # $root is our caller's; -ef is in POSIX since 2024

# Debian package, how we see that it is here (a command, a file the linker finds, a pkg-config name), why.
build_needs='
gcc            cmd:gcc          the compiler
libc6-dev      lib:rcrt1.o      the C library, static-PIE start files included: the programs are linked with it
binutils       cmd:ld           the linker, whose map names the ways in and out
meson          cmd:meson        the build
ninja-build    cmd:ninja        runs what Meson wrote
pkg-config     cmd:pkg-config   how Meson finds libraries
liburing-dev   lib:liburing.a   reads and syncs of files that nobody waits for
libzydis-dev   lib:libZydis.so  decodes instructions: fault messages, rewriting of system calls
util-linux     cmd:flock        one build at a time
'
test_needs='
check          pc:check         unit tests
libsubunit-dev pc:libsubunit    Check is linked with it
musl-tools     cmd:musl-gcc     guests with another libc
busybox-static cmd:busybox      a real program that is linked at a fixed address
gdb            cmd:gdb          counts calls of swapcontext from outside
python3        cmd:python3      terminals, tracers, the sum of the results
python3.11     cmd:/usr/bin/python3.11  real programs, from here on: this one is linked at a fixed address
lua5.4         cmd:lua5.4       dynamically linked
sqlite3        cmd:sqlite3      locks, syncs, shares memory with itself
perl-base      cmd:/usr/bin/perl  on every Debian
mawk           cmd:mawk         on every Debian, unless another awk is
git            cmd:git          programs with children, from here on
make           cmd:make         runs four compilers at once
xz-utils       cmd:xz           the end of a long pipeline
'
# Not installed, used if there: clang with libclang-rt-14-dev (the fuzzers as fuzzers; without it they only replay).

here()
{
	case $1 in
	cmd:*) command -v "${1#*:}" ;;
	lib:*) case $(gcc -print-file-name="${1#*:}") in /*) ;; *) false ;; esac ;;
	pc:*) pkg-config --exists "${1#*:}" ;;
	esac >/dev/null 2>&1
}

# The packages of table $1 that are missing.
missing()
{
	printf '%s' "$1" | while read -r package probe _; do
		[ -z "$package" ] || here "$probe" || printf ' %s' "$package"
	done
}

# Runs a command that must leave our stdin, stdout and lock (descriptor 9) alone; what it prints is shown only if something fails.
quietly()
{
	"$@" </dev/null >>"$log" 2>&1 9<&-
}

apt_get()
{
	# shellcheck disable=SC2086 # two words, or none
	quietly $sudo env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 "$@"
}

# Sees to it that the packages of table $2 are here, for the command named $1.
get_needs()
{
	want=$(missing "$2")
	[ -n "$want" ] || return 0
	by_hand="sudo apt-get update && sudo apt-get install -y --no-install-recommends$want"
	if ! command -v apt-get >/dev/null; then
		echo "$1: this needs, by their names in Debian:$want" >&2
		return 1
	elif [ "$(id -u)" = 0 ]; then
		sudo=
	elif sudo -n true 2>/dev/null; then
		sudo='sudo -n'
	else
		echo "$1: something is missing; type: $by_hand" >&2
		return 1
	fi
	echo "$1: installing$want (a minute or two)" >&2
	# shellcheck disable=SC2086 # a list of words
	if ! apt_get install -y --no-install-recommends $want && # the lists of packages may be old or not there yet
		! { apt_get update && apt_get install -y --no-install-recommends $want; }; then
		cat "$log" >&2
		echo "$1: could not install; try: $by_hand" >&2
		return 1
	fi
	want=$(missing "$2")
	[ -z "$want" ] || { echo "$1: still missing after installing:$want" >&2; return 1; }
}

# Was build/ made for another path (copied or moved with the tree)? Then its own paths are stale.
moved()
{
	IFS= read -r at 2>/dev/null <"$root/build/.built" && [ ! "$at" -ef "$root/." ]
}

# Is build/ set up for what $1 asks ('' or tests)?
configured()
{
	[ -f "$root/build/build.ninja" ] && ! moved && { [ -z "$1" ] || [ -f "$root/build/.$1" ]; }
}

# Sets build/ up for this tree; for $1 = tests, for the tests too.
configure()
{
	configured "$1" && return 0
	tests=$1
	if [ ! -f "$root/build/build.ninja" ]; then
		rm -rf "$root/build"
		set -- setup
	elif moved; then
		rm -f "$root/build/.tests"
		set -- setup --wipe
	else
		set -- setup --reconfigure
	fi
	quietly meson "$@" ${tests:+-Dtests=enabled} "$root/build" "$root" || return 1
	[ -z "$tests" ] || : >"$root/build/.tests"
}

# About how long a first build takes, in seconds; $1 as above: 2 s to configure, 5 files a second on each CPU
# (measured at 2.5 GHz, rounded up).
seconds()
{
	files=$(find "$root/src" "$root/programs" "$root/bench" ${1:+"$root/tests"} -name '*.[cS]' 2>/dev/null | wc -l)
	echo $((2 + files / 5 / $(nproc)))
}

# build_tree NAME [tests]: on return the build is up to date, or NAME has said why it is not and the status is not 0.
# Two at once take turns; the lock is the tree's own directory, so that it needs no file.
build_tree()
(
	place=$root/build
	[ -e "$place" ] || place=$root
	if [ ! -w "$place" ]; then
		if [ "$1" = uos ] && [ -x "$root/build/uos" ]; then
			echo 'uos: build/ may be older than the sources and cannot be written: running it as it is' >&2
			exit 0
		fi
		echo "$1: cannot write to $(cd "$place" && pwd): run this as its owner, or copy the tree" >&2
		exit 1
	fi
	if command -v flock >/dev/null; then
		exec 9<"$root/."
		flock -n 9 || { echo "$1: waiting for another build of this tree" >&2; flock 9; }
	fi
	[ "$1" = uos ] && up_to_date && exit 0

	log=$(mktemp) && start=$(mktemp) || exit 1
	trap 'rm -f "$log" "$start"' EXIT
	trap 'exit 130' INT
	trap 'exit 143' HUP TERM PIPE
	get_needs "$1" "$build_needs" || exit 1
	[ -z "$2" ] || get_needs "$1" "$test_needs" || exit 1

	set -- "$1" "$2" ninja -C "$root/build" all ${2:+meson-test-prereq}
	name=$1 tests=$2
	shift 2
	if ! configured "$tests"; then
		echo "$name: building (first use, about $(seconds "$tests") s)" >&2
	elif ! "$@" -n 2>&1 </dev/null | grep -q 'no work to do'; then
		echo "$name: building (the sources have changed)" >&2
	fi
	if ! { configure "$tests" && quietly "$@"; }; then
		sed '/^\[[0-9]*\/[0-9]*\] [A-Z][a-z]* /d' "$log" >&2 # without the steps that went well
		echo "$name: could not build; if the tree is not at fault: rm -r build, and again" >&2
		exit 1
	fi
	(cd "$root" && pwd) >"$root/build/.built"
	touch -r "$start" "$root/build/.built"
)
