#!/bin/bash
# A Bot API made by others, on loopback: npm's telegram-test-api (getUpdates, sendMessage, callbacks; no files).
#   telegram.sh install DIR      once
#   telegram.sh start DIR PORT   starts it, and says its process id
#   telegram.sh stop DIR
# Customers write by POST /sendMessage {botToken, from, chat, date, text} and read by POST /getUpdates {token, chatId}.
set -euo pipefail
VERSION=4.2.1
verb=$1 dir=$2
pid=$dir/pid
running() { [ -s "$pid" ] && kill -0 "$(cat "$pid")" 2> /dev/null; }

installed() {
  [ ! -d "$dir/node_modules/telegram-test-api" ] || return 0
  mkdir -p "$dir"
  (cd "$dir" && npm install --no-audit --no-fund --silent "telegram-test-api@$VERSION" > /dev/null)
}

case $verb in
  install) installed ;;
  start)
    installed
    (
      cd "$dir"
      exec setsid node -e "const T = require('telegram-test-api');
        new T({ port: $3, host: '127.0.0.1', storage: 'RAM', storeTimeout: 3600 }).start()"
    ) > "$dir/log" 2>&1 < /dev/null &
    echo $! > "$pid"
    for _ in $(seq 1 400); do
      (exec 3<> "/dev/tcp/127.0.0.1/$3") 2> /dev/null && { cat "$pid"; exit 0; }
      running || break
      sleep 0.05
    done
    echo "telegram.sh: it did not start:" >&2
    cat "$dir/log" >&2
    exit 1
    ;;
  stop)
    if running; then kill "$(cat "$pid")"; fi
    rm -f "$pid"
    ;;
  *) echo "telegram.sh: install DIR, start DIR PORT or stop DIR" >&2; exit 2 ;;
esac
