#!/bin/sh
# Runs a command with DATABASE_URL set to a PostgreSQL of its own: made empty for this run, on a free port of
# this machine, and thrown away after it. Installs nothing: deploy/install.sh does.
set -eu

bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
[ -n "$bin" ] || bin=$(dirname "$(command -v initdb || echo missing/initdb)")
[ -x "$bin/initdb" ] || { echo "PostgreSQL's initdb is missing. On Debian: sudo apt-get install -y postgresql" >&2; exit 1; }

home=$(mktemp -d "${TMPDIR:-/tmp}/earshot-postgres.XXXXXX")
port=$("${PYTHON:-python3}" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')

# PostgreSQL refuses to run as root.
as_owner() {
    if [ "$(id -u)" = 0 ]; then (cd / && runuser -u postgres -- "$@"); else "$@"; fi
}
throw_away() {
    as_owner "$bin/pg_ctl" --pgdata "$home/data" --mode immediate stop >/dev/null 2>&1 || true
    rm -rf "$home"
}
trap throw_away EXIT
trap 'exit 130' INT TERM

[ "$(id -u)" != 0 ] || chown postgres "$home"
as_owner "$bin/initdb" --pgdata "$home/data" --username postgres --auth trust --encoding UTF8 --locale C.UTF-8 >"$home.log" 2>&1 \
    && as_owner "$bin/pg_ctl" --pgdata "$home/data" --log "$home/log" --wait \
        --options "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off" start >>"$home.log" 2>&1 \
    || { cat "$home.log" >&2; rm -f "$home.log"; echo "PostgreSQL for the tests did not start." >&2; exit 1; }
rm -f "$home.log"

DATABASE_URL="postgres://postgres@127.0.0.1:$port/postgres" "$@"
