# Shared by the scripts of this folder: messages, installing what is missing, running as root.
# shellcheck shell=bash
set -euo pipefail

REPO=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/trainyard
EMCC_MINIMUM=3.1.69
export REPO CACHE EMCC_MINIMUM
# Where ccache is present, what one clone compiled serves the others.
export CCACHE_BASEDIR=${CCACHE_BASEDIR-$REPO} CCACHE_NOHASHDIR=1
export CCACHE_SLOPPINESS=${CCACHE_SLOPPINESS-pch_defines,time_macros} # without it nothing that reads precompiled headers is kept

if [[ -t 1 && -z ${NO_COLOR:-} ]]; then
  BOLD=$'\e[1m' RED=$'\e[31m' YELLOW=$'\e[33m' PLAIN=$'\e[0m'
else
  BOLD='' RED='' YELLOW='' PLAIN=''
fi

say() { printf '%s==> %s%s\n' "$BOLD" "$*" "$PLAIN"; }
warn() { printf '%s!!! %s%s\n' "$YELLOW" "$*" "$PLAIN" >&2; }
die() {
  printf '%serror: %s%s\n' "$RED" "$*" "$PLAIN" >&2
  exit 1
}
# show_help SCRIPT: the comment that it begins with.
show_help() { awk 'NR > 1 { if (!/^#/ || /^# shellcheck/) exit; sub(/^# ?/, ""); print }' "$1"; }
have() { command -v "$1" >/dev/null 2>&1; }

# version_at_least 3.1.74 3.1.69
version_at_least() { [[ $(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1) == "$2" ]]; }

# as_root COMMAND...: directly as root, else through sudo.
as_root() {
  if ((EUID == 0)); then
    "$@"
  elif have sudo; then
    sudo "$@"
  else
    die "this needs root: $* (and there is no sudo). Run it as root once, then start again."
  fi
}

# need PROBE=PACKAGE...: installs the Debian packages whose probe is absent. A probe is a command
# or, with a slash in it, a file pattern.
need() {
  local entry probe missing=()
  for entry in "$@"; do
    probe=${entry%%=*}
    probe_found "$probe" || missing+=("${entry#*=}")
  done
  ((${#missing[@]})) || return 0
  have apt-get || die "missing: ${missing[*]} (names of Debian's packages; there is no apt-get here to install them)"
  say "Installing Debian packages: ${missing[*]}"
  as_root apt-get -q -o DPkg::Lock::Timeout=300 update >/dev/null ||
    die "apt-get update failed: is Debian's mirror reachable? It was needed for: ${missing[*]}"
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 \
    install --no-install-recommends "${missing[@]}" >/dev/null ||
    die "could not install: ${missing[*]}"
  for entry in "$@"; do
    probe=${entry%%=*}
    probe_found "$probe" || die "${entry#*=} is installed, but $probe is still missing"
  done
}

all_found() {
  local entry
  for entry in "$@"; do probe_found "${entry%%=*}" || return 1; done
}

probe_found() {
  if [[ $1 == */* ]]; then compgen -G "$1" >/dev/null; else have "$1"; fi
}

# What each part of the work needs, beyond a bare Debian.
NEEDS_NATIVE=('g++=g++' 'cmake=cmake' 'ninja=ninja-build' 'git=git'
  '/usr/include/nlohmann/json.hpp=nlohmann-json3-dev' '/usr/include/eigen3/Eigen/Core=libeigen3-dev'
  '/usr/include/stb/stb_image.h=libstb-dev' '/usr/include/CLI/CLI.hpp=libcli11-dev'
  '/usr/include/zlib.h=zlib1g-dev' '/usr/include/gtest/gtest.h=libgtest-dev')
NEEDS_NODE=('node=nodejs' 'npm=npm' '/etc/ssl/certs/ca-certificates.crt=ca-certificates')
NEEDS_BROWSER=()
[[ -n ${TRAINYARD_CHROMIUM:-} ]] || NEEDS_BROWSER=('chromium=chromium' '/usr/share/fonts/truetype/*/*.ttf=fonts-dejavu-core')
NEEDS_EMSCRIPTEN=('mmdebstrap=mmdebstrap' 'bwrap=bubblewrap' '/usr/share/keyrings/debian-archive-keyring.gpg=debian-archive-keyring')

need_native() { need "${NEEDS_NATIVE[@]}"; }
need_browser() { need "${NEEDS_BROWSER[@]}"; }
need_node() {
  need "${NEEDS_NODE[@]}"
  local version
  version=$(node --version)
  version_at_least "${version#v}" 18.18.0 || die "node ${version} is too old: 18.18 or later is needed"
}

# begin_meanwhile NEED...: what comes from elsewhere and is not needed yet (these packages, the Emscripten root, npm's packages) is fetched beside
# what is built first. Whoever needs it calls wait_meanwhile, then asks for it as ever: what failed here is tried again there, and told.
begin_meanwhile() {
  local log=$REPO/build/logs/meanwhile.log
  mkdir -p "${log%/*}"
  # A password is asked for now, not in the middle of a build.
  ((EUID == 0)) || ! have sudo || all_found "$@" "${NEEDS_EMSCRIPTEN[@]}" || sudo -v || true
  say "Fetching what later parts need meanwhile (${log#"$REPO"/})"
  exec 8>"$REPO/build/meanwhile.lock"
  flock 8
  set -m # a process group of its own, which ends with this script
  { need "$@" && "$REPO/scripts/toolchain" && install_npm; } >"$log" 2>&1 </dev/null &
  set +m
  exec 8>&- # the lock is the fetching process's, until it ends
  # shellcheck disable=SC2064 # the process of now
  trap "kill -- -$! 2>/dev/null || true" EXIT
}

wait_meanwhile() {
  local lock=$REPO/build/meanwhile.lock
  [[ ! -f $lock ]] || flock "$lock" true
}

# install_npm: what package-lock.json names, only when it changed since the last time.
install_npm() {
  need_node
  local stamp=$REPO/node_modules/.trainyard-stamp now
  now=$(cd "$REPO" && cat package.json package-lock.json ./*/package.json 2>/dev/null | sha256sum)
  [[ -f $stamp && $(<"$stamp") == "$now" ]] && return 0
  say "Installing npm packages"
  (cd "$REPO" && PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --no-audit --no-fund --loglevel=error) ||
    die "npm ci failed: is npm's registry reachable?"
  printf '%s\n' "$now" >"$stamp"
}

# logged NAME COMMAND...: keeps the output in build/logs/NAME.log. On a terminal it is also shown; otherwise only its
# end, and only if the command fails.
logged() {
  local name=$1 log=$REPO/build/logs/$1.log
  shift
  mkdir -p "${log%/*}"
  if [[ -t 1 ]]; then
    "$@" 2>&1 | tee "$log" || die "$name failed"
  elif ! "$@" >"$log" 2>&1; then
    tail -n 60 "$log" >&2
    die "$name failed (the whole output: build/logs/$name.log)"
  fi
}

# build PRESET [TARGET...]: configures and builds into the folder that the preset names. A folder that is not there
# yet is built several sources at a time (cmake/Unity.cmake); targets that do not bear that, one source at a time.
build() {
  local preset=$1 folder=$REPO/build/${1/#wasm/wasm\/objects} unity=() apart
  shift
  say "Building $preset${1:+: $*}"
  cd "$REPO"
  [[ -f $folder/CMakeCache.txt ]] || unity=(-DTRAINYARD_UNITY=ON)
  logged "configure-$preset" cmake --preset "$preset" "${unity[@]}"
  if grep -q '^TRAINYARD_UNITY:[^=]*=ON' "$folder/CMakeCache.txt"; then
    cmake --build --preset "$preset" ${1:+--target "$@"} -- -k 0 >"$REPO/build/logs/unity-$preset.log" 2>&1 && return 0
    apart=$(grep -oE '^FAILED: .*/Unity/' "$REPO/build/logs/unity-$preset.log" | grep -oE '[^/]+\.dir' | sort -u | tr '\n' ';' || true)
    apart=${apart//.dir/}
    [[ -z $apart ]] || say "One source at a time: $apart"
    logged "configure-$preset" cmake --preset "$preset" "-DTRAINYARD_UNITY_APART=$apart"
  fi
  logged "build-$preset" cmake --build --preset "$preset" ${1:+--target "$@"}
}

# build_wasm TARGET...: WebAssembly modules (`all`), and the typed client where it has a build of its own.
build_wasm() {
  "$REPO/scripts/toolchain"
  build wasm "$@"
  install_npm
  [[ ! -f $REPO/wasm/package.json ]] || logged build-client npm run build --workspace wasm --if-present
}

# The static site, finished, in build/site; built anew when something that it is made of has changed, and as long as MNIST is missing.
build_site() {
  install_npm
  local stamp=$REPO/build/site.stamp now
  cd "$REPO"
  now=$(site_inputs)
  [[ -f build/site/index.html && -d build/site/mnist && -f $stamp && $(<"$stamp") == "$now" ]] && return 0
  say "Building the site"
  rm -f "$stamp"
  logged build-site npm run build --workspace site
  [[ -f build/site/index.html ]] || die "the site's build left no build/site/index.html"
  printf '%s\n' "$now" >"$stamp"
}

site_inputs() {
  find site wasm/client wasm/worker build/wasm/dist package-lock.json CHANGELOG.md -type f -not -path '*/node_modules/*' -print0 |
    sort -z | xargs -0 sha256sum | sha256sum
}
