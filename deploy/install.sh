#!/bin/sh
# Makes .venv from requirements.lock, and with "tests" also what the tests need: Chromium and PostgreSQL.
# As root it installs what Debian lacks; otherwise it prints one sentence with the command.
set -eu
cd "$(dirname "$0")/.."
started=$(date +%s)

say() { printf '[%3s s] %s\n' "$(($(date +%s) - started))" "$1"; }
stop() { printf '%s\n' "$1" >&2; exit 1; }

# $1: Debian's package, $2: what it is needed for.
debian() {
    command -v apt-get >/dev/null || stop "$1 is missing ($2). Install it with your system's package manager."
    [ "$(id -u)" = 0 ] || stop "$1 is missing ($2). Install it with: sudo apt-get install -y $1"
    say "Installing $1 from Debian: $2"
    DEBIAN_FRONTEND=noninteractive apt-get -qq update </dev/null >/dev/null || true
    DEBIAN_FRONTEND=noninteractive apt-get -qq install -y "$1" </dev/null >/dev/null \
        || stop "$1 could not be installed. Try: apt-get update && apt-get install -y $1"
}

find_python() {
    for python in python3.11 python3; do
        if command -v "$python" >/dev/null && "$python" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null; then
            return
        fi
    done
    stop "Python 3.11 is missing: Earshot's libraries are locked for it. On Debian 12: apt-get install python3 python3-venv"
}

# Prints a line every ten seconds, so that a slow network does not look like a hang. The command itself stays
# in the foreground, where Ctrl-C reaches it.
patiently() {
    (while sleep 10; do say "… still installing"; done) &
    ticker=$!
    trap 'kill "$ticker" 2>/dev/null' EXIT
    trap 'exit 130' INT TERM
    status=0
    "$@" || status=$?
    kill "$ticker" 2>/dev/null || true
    trap - EXIT INT TERM
    return "$status"
}

libraries() {
    stamp=.venv/installed-from
    wanted=$(cksum requirements.lock)
    [ ! -f "$stamp" ] || [ "$(cat "$stamp")" != "$wanted" ] || return 0
    [ ! -L .venv ] || stop ".venv is a link to another environment, and this one needs its own. Remove it (rm .venv), then run this again."
    find_python
    "$python" -c 'import ensurepip' 2>/dev/null || debian python3-venv "Python needs it to make an environment"
    say "Making the environment .venv with $("$python" --version)"
    "$python" -m venv .venv
    say "Installing $(grep -c '^[a-z]' requirements.lock) libraries of requirements.lock (about a minute)"
    patiently .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input \
        --require-hashes -r requirements.lock 2>var/pip.log || { cat var/pip.log >&2; stop "The libraries could not be installed."; }
    printf '%s' "$wanted" >"$stamp"
    say "Libraries installed"
}

browser() {
    command -v chromium >/dev/null || [ -n "${CHROMIUM:-}" ] || debian chromium "the browser journeys run in it"
}

postgres() {
    command -v initdb >/dev/null || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 \
        || debian postgresql "merge, mirror and ledger are tested on it too"
}

mkdir -p var
libraries
[ "${1:-}" != tests ] || { browser; postgres; }
