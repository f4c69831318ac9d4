# Read by ./demo and ./check: installs what is missing of packages.txt and sees that there is room to build. Speaks on
# stderr, one line a happening; ends the caller with 3 and one line where the surroundings do not suffice.

readonly DISK_KB_MIN=$((3 * 1024 * 1024))    # A build with tests in one configuration takes about 2 GiB.
readonly MEMORY_KB_MIN=$((1024 * 1024))      # One compiler and Bazel's own server.
readonly MEMORY_KB_JOB=$((1024 * 1024))      # What the largest compilation takes, rounded up.

say() { printf '%s  %s\n' "$(date -u +%H:%M:%S)" "$*" >&2; }
give_up() { printf '%s: %s\n' "$(basename "$0")" "$*" >&2; exit 3; }

missing_packages() {
  local package
  while read -r package; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q '^install ok installed$' || echo "$package"
  done < <(grep -v '^#' packages.txt)
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

install_packages() {
  local missing log
  missing=$(missing_packages)
  [ -n "$missing" ] || return 0
  command -v apt-get >/dev/null || give_up "no apt-get: this builds on Debian 12; missing:" $missing
  [ "$(id -u)" -eq 0 ] || command -v sudo >/dev/null ||
    give_up "these packages are missing, and there is no sudo to install them:" $missing
  say "installing $(wc -w <<<"$missing") packages:" $missing
  mkdir -p build
  log=$PWD/build/apt.log
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=500 -q update >"$log" 2>&1 || true
  # shellcheck disable=SC2086  # One word a package.
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=500 -q install -y \
    --no-install-recommends $missing >>"$log" 2>&1 ||
    give_up "cannot install $(missing_packages | tr '\n' ' ')($(grep -m1 '^E:' "$log" || tail -n 1 "$log")); see $log"
}

# sshd, which tests start as a plain process, wants this directory; where a service manager starts it, that makes it.
make_sshd_directory() { [ -d /run/sshd ] || as_root mkdir -p -m 0755 /run/sshd; }

# What is free where the build writes, in KiB.
check_room() {
  local place free
  for place in "$PWD" "${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}" /tmp; do
    while [ ! -d "$place" ]; do place=$(dirname "$place"); done
    free=$(df -Pk "$place" | awk 'NR == 2 {print $4}')
    [ "$place" = /tmp ] && [ "$free" -ge $((256 * 1024)) ] && continue
    [ "$free" -ge "$DISK_KB_MIN" ] ||
      give_up "the disk of $place has $((free / 1024)) MiB free; the build needs $((DISK_KB_MIN / 1024)) MiB"
  done
  free=$(awk '/^MemAvailable:/ {print $2}' /proc/meminfo)
  [ "$free" -ge "$MEMORY_KB_MIN" ] ||
    give_up "$((free / 1024)) MiB of memory are free; the build needs $((MEMORY_KB_MIN / 1024)) MiB"
}

# As many compilations at once as there are processors, and memory for.
jobs_at_once() {
  local memory jobs
  memory=$(($(awk '/^MemAvailable:/ {print $2}' /proc/meminfo) / MEMORY_KB_JOB))
  jobs=$(nproc)
  [ "$memory" -ge "$jobs" ] || jobs=$memory
  [ "$jobs" -ge 1 ] || jobs=1
  echo "$jobs"
}

prepare() {
  install_packages
  make_sshd_directory
  check_room
}

# bazel COMMAND …, with a progress line on a terminal and a plain one otherwise.
run_bazel() {
  local command=$1
  shift
  export HOME=${HOME:-/tmp}
  bazel "$command" --jobs="$(jobs_at_once)" --show_progress_rate_limit="$([ -t 2 ] && echo 0.2 || echo 30)" \
    --ui_event_filters=-info "$@"
}
