# Shared by the scripts beside this folder; sourced, not run.
# Sources must have `set -euo pipefail`; afterwards the working directory is the root of the repository.

cd "$(dirname "${BASH_SOURCE[0]}")/../.."

# say TEXT: one line of progress, with the seconds since the start.
say() {
    printf '==> [%3ds] %s\n' "$SECONDS" "$*"
}

# fail TEXT...: one line each to stderr, then the end.
fail() {
    printf '%s\n' "$@" >&2
    exit 1
}

# The oldest toolchain that can read Package.swift.
readonly oldest_swift=6.2
# The oldest server whose SQL the migrations use.
readonly oldest_postgres=15

require_swift() {
    if ! command -v swift >/dev/null; then
        fail "swift is not installed. Install it with:" \
            "  curl -O https://download.swift.org/swiftly/linux/swiftly-$(uname -m).tar.gz && tar zxf swiftly-$(uname -m).tar.gz && ./swiftly init"
    fi
    local version
    version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9][0-9.]*\).*/\1/p' | head -n 1)
    if [[ "$(printf '%s\n' "$oldest_swift" "$version" | sort -V | head -n 1)" != "$oldest_swift" ]]; then
        fail "swift ${version:-of unknown version} is too old: $oldest_swift or later is needed. With swiftly:" \
            "  swiftly install latest && swiftly use latest"
    fi
}

# has_package NAME: whether what the Debian package brings is there, wherever it came from.
has_package() {
    case "$1" in
    libpq-dev) [[ -e /usr/include/postgresql/libpq-fe.h ]] || { command -v pkg-config >/dev/null && pkg-config --exists libpq; } ;;
    libssl-dev) [[ -e /usr/include/openssl/ssl.h ]] || { command -v pkg-config >/dev/null && pkg-config --exists openssl; } ;;
    postgresql) has_postgres ;;
    pgbouncer) [[ -x /usr/sbin/pgbouncer ]] ;;
    python3-venv) python3 -c 'import ensurepip, venv' 2>/dev/null ;;
    chromium) command -v chromium >/dev/null ;;
    chromium-driver) command -v chromedriver >/dev/null ;;
    *) fail "scripts/lib/common.sh does not know the package $1" ;;
    esac
}

# Debian keeps the server's programs off the PATH, one folder a version.
has_postgres() {
    local initdb version
    for initdb in /usr/lib/postgresql/*/bin/initdb "$(command -v initdb || true)"; do
        [[ -x "$initdb" ]] || continue
        version=$("$initdb" --version | sed 's/^[^)]*) \([0-9]*\).*/\1/')
        [[ "$version" -ge "$oldest_postgres" ]] && return 0
    done
    return 1
}

# require_packages NAME...: installs what is missing as root, names the one line to run otherwise.
require_packages() {
    local name missing=()
    for name in "$@"; do
        has_package "$name" || missing+=("$name")
    done
    [[ ${#missing[@]} -eq 0 ]] && return 0
    if [[ "$(id -u)" != 0 ]] || ! command -v apt-get >/dev/null; then
        fail "Missing: ${missing[*]}. On Debian or Ubuntu, run:" \
            "  sudo apt-get update && sudo apt-get install --yes ${missing[*]}"
    fi
    say "installing ${missing[*]}"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update --quiet
    apt-get install --yes --quiet --no-install-recommends "${missing[@]}"
    for name in "${missing[@]}"; do
        has_package "$name" || fail "$name was installed, but what is needed of it is still missing (is it too old?)."
    done
}

# unended_tests LOG: the tests that have begun and not ended.
unended_tests() {
    awk '
        match($0, /Test ("[^"]*"|[A-Za-z0-9_]+\([^)]*\))/) {
            name = substr($0, RSTART, RLENGTH)
            if ($1 == "◇" && / started\.$/) begun[name] = 1
            if (/ (passed|failed) after /) delete begun[name]
        }
        END { for (name in begun) print "has not ended: " name }
    ' "$1"
}

# end_when_silent PID LOG SECONDS: ends the tests when nothing has been said for so long; nothing takes that long.
end_when_silent() {
    local size last=-1 silent=0
    while kill -0 "$1" 2>/dev/null; do
        size=$(stat --format=%s "$2")
        if [[ "$size" != "$last" ]]; then
            last=$size silent=0
        elif ((silent >= $3)); then
            say "no test has begun or ended for $3 s"
            ps -e --forest -o pid=,ppid=,stat=,etimes=,wchan:24=,args= | cut -c 1-160 | tail -n 60
            end_tree "$1"
            return
        fi
        sleep 5
        silent=$((silent + 5))
    done
}

# end_tree PID: ends a process and those that it has started.
end_tree() {
    local child
    for child in $(ps --ppid "$1" -o pid= 2>/dev/null); do end_tree "$child"; done
    kill -KILL "$1" 2>/dev/null || true
}
