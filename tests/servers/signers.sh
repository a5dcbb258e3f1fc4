#!/bin/bash
# Signatures made by others: Twilio's own helper library, and the x-hub-signature package, by which servers of others
# sign and check what Meta signs (Meta's own libraries only check, or leave it to the reader).
#   signers.sh install DIR      once
#   signers.sh sign DIR         reads a JSON list of what to sign, prints a JSON list of signatures
set -euo pipefail
TWILIO=6.2.0 HUB=2.1.3
verb=$1 dir=$2
here=$(cd "$(dirname "$0")" && pwd)

case $verb in
  install)
    mkdir -p "$dir"
    [ -d "$dir/node_modules/x-hub-signature" ] ||
      (cd "$dir" && npm install --no-audit --no-fund --silent "twilio@$TWILIO" "x-hub-signature@$HUB" > /dev/null)
    ;;
  sign)
    [ -d "$dir/node_modules/x-hub-signature" ] || { echo "signers.sh: run tests/servers/install.sh" >&2; exit 1; }
    # Packages are looked for beside the script.
    cp "$here/sign.mjs" "$dir/sign.$$.mjs"
    trap 'rm -f "$dir/sign.$$.mjs"' EXIT
    node "$dir/sign.$$.mjs"
    ;;
  *) echo "signers.sh: install DIR or sign DIR" >&2; exit 2 ;;
esac
