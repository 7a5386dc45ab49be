#!/bin/sh
# tools/fresh_root.sh DIR [REPOSITORY]: does what README promises hold on a clean Debian 12? By hand, as root, a few minutes:
# DIR/base   a Debian 12 made by debootstrap with git and nothing more; kept, so that only the first run makes it
# DIR/root   a copy of it, new at each run, with main of REPOSITORY (this one, unless told) cloned into /srv/uos
# In DIR/root it runs ./uos spin hello, then ./check, with nothing typed in between, and prints what came of them.
# Status 0 if both succeeded. UOS_AS=nobody: then the same ./uos spin hello as that user, on the tree that root has built.
#
# The mounts are made in a mount namespace of their own: they end with the last process in it, however that ends.
set -eu

here=$(cd "$(dirname "$0")/.." && pwd)
case ${1-} in '' | -*) sed -n '2s/^# \([^:]*\):.*/usage: \1/p' "$0" >&2; exit 2 ;; esac
[ "$(id -u)" = 0 ] || { echo 'fresh_root: this must be root' >&2; exit 2; }
command -v debootstrap >/dev/null || { echo 'fresh_root: type: apt-get install debootstrap' >&2; exit 2; }
dir=$1 repository=${2:-$here}

if [ "${UOS_FRESH_ROOT-}" != inside ]; then
	export UOS_FRESH_ROOT=inside
	mkdir -p "$dir"
	dir=$(cd "$dir" && pwd)
	status=0
	# A pid namespace too: nothing that the tests started survives them.
	unshare --mount --propagation private --pid --fork --kill-child "$0" "$dir" "$repository" || status=$?
	if grep " $dir/" /proc/self/mounts; then echo 'fresh_root: still mounted' >&2; exit 1; fi
	exit "$status"
fi

base=$dir/base root=$dir/root

# apt inside works as it does here: its sources, settings of how to fetch, credentials, certificates. No name of a host is in this file.
give_apt_config()
{
	for file in /etc/apt/apt.conf /etc/apt/apt.conf.d/*; do
		if grep -qs 'Acquire' "$file"; then install -D -m 644 "$file" "$1$file"; fi
	done
	for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources /etc/apt/auth.conf \
		/etc/apt/auth.conf.d/* /etc/apt/preferences.d/* /etc/apt/keyrings/* /etc/apt/trusted.gpg.d/* /usr/share/keyrings/* \
		/usr/local/share/ca-certificates/* /etc/resolv.conf /etc/hosts; do
		if [ -f "$file" ]; then mkdir -p "$1${file%/*}" && cp -pL "$file" "$1$file"; fi
	done
	chroot "$1" update-ca-certificates >/dev/null 2>&1
}

if [ ! -e "$base/.made" ]; then
	# shellcheck disable=SC2016 # apt's own format
	mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Codename: bookworm' 'Component: main' | head -n 1)
	echo "fresh_root: making $base (some minutes)"
	rm -rf --one-file-system "$base"
	# shellcheck disable=SC2086 # no mirror known: debootstrap's own
	debootstrap --variant=minbase --include=git,ca-certificates bookworm "$base" ${mirror:-} >"$dir/debootstrap.log" 2>&1 ||
		{ tail "$dir/debootstrap.log" >&2; exit 1; }
	give_apt_config "$base"
	: >"$base/.made"
fi

rm -rf --one-file-system "$root"
cp -a "$base" "$root"
git clone --quiet --no-hardlinks --branch main "$repository" "$root/srv/uos"

mount -t proc proc "$root/proc"
mount --bind /dev "$root/dev"
mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts "$root/dev/pts"
mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"

# Runs the shell command $2 as user $1 in the clone, with nothing to read, and no variable of ours but those that say how to get out.
results=
inside()
{
	echo "fresh_root: \$ $2"
	began=$(date +%s) result=0
	env -i HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin TERM="${TERM-dumb}" \
		${http_proxy+"http_proxy=$http_proxy"} ${https_proxy+"https_proxy=$https_proxy"} ${no_proxy+"no_proxy=$no_proxy"} \
		chroot --userspec="$1" "$root" sh -c "cd /srv/uos && $2" </dev/null || result=$?
	results="$results
fresh_root: status $result, $(($(date +%s) - began)) s, $1: $2"
	[ "$result" = 0 ] || status=1
}

status=0
inside root './uos spin hello'
[ -z "${UOS_AS-}" ] || inside "$UOS_AS" './uos spin hello'
inside root ./check
echo "$results"
exit "$status"
