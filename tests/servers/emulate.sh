#!/bin/bash
# A Twilio made by others, on loopback: npm's emulate keeps messages and their states and signs what it posts. It has no
# files, no WhatsApp and no recordings, and no client can leave its answer unsaid.
#   emulate.sh install DIR           once (it needs a newer Node than distributions have: npm's own)
#   emulate.sh start DIR PORT HOOK   starts it, posting inbound SMS to HOOK, and says its process id
#   emulate.sh stop DIR
# A customer writes by POST /_twilio/simulate/inbound-message {To, From, Body}; POST /_twilio/simulate/message-status
# {MessageSid, Status} is the network's word on what we sent.
set -euo pipefail
EMULATE=0.12.2 NODE=24
verb=$1 dir=$2
pid=$dir/pid
running() { [ -s "$pid" ] && kill -0 "$(cat "$pid")" 2> /dev/null; }

installed() {
  [ ! -d "$dir/node_modules/emulate" ] || return 0
  mkdir -p "$dir"
  (cd "$dir" && npm install --no-audit --no-fund --silent "emulate@$EMULATE" "node@$NODE" > /dev/null)
}

case $verb in
  install) installed ;;
  start)
    installed
    cat > "$dir/seed.yaml" <<X
twilio:
  account: { sid: AC00000000000000000000000000000000, auth_token: token-of-the-suite, friendly_name: Suite }
  phone_numbers:
    - { phone_number: "+15551234567", friendly_name: Support, sms_url: "$4" }
X
    (
      cd "$dir"
      exec setsid node_modules/node/bin/node node_modules/emulate/dist/index.js start --host 127.0.0.1 -p "$3" \
        -s twilio --seed seed.yaml
    ) > "$dir/log" 2>&1 < /dev/null &
    echo $! > "$pid"
    for _ in $(seq 1 600); do
      (exec 3<> "/dev/tcp/127.0.0.1/$3") 2> /dev/null && { cat "$pid"; exit 0; }
      running || break
      sleep 0.05
    done
    echo "emulate.sh: it did not start:" >&2
    cat "$dir/log" >&2
    exit 1
    ;;
  stop)
    if running; then kill "$(cat "$pid")"; fi
    rm -f "$pid"
    ;;
  *) echo "emulate.sh: install DIR, start DIR PORT HOOK or stop DIR" >&2; exit 2 ;;
esac
