#!/bin/sh
# Part of `make lint`: the vendored files by their sums, and the types of static/js where npm is at hand.
set -eu
here=$(dirname "$0")
"${PYTHON:-python3}" "$here/vendor.py" --check
if [ ! -x "$here/node_modules/.bin/tsc" ]; then
    if ! command -v npm >/dev/null || ! npm ci --ignore-scripts --no-audit --no-fund --silent --prefix "$here"; then
        echo "The types of static/js were not checked: npm is missing or cannot reach its registry."
        exit 0
    fi
fi
"$here/node_modules/.bin/tsc" --project "$here/tsconfig.json"
echo "static/vendor is unchanged, and the types of static/js are right."
