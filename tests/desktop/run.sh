#!/bin/bash
# The suite `desktop` on a session bus of its own, with a Secret Service and a notification service. Nothing of the
# desktop of whoever runs it is touched. As root on Debian or Ubuntu it installs what is missing.
set -euo pipefail
cd "$(dirname "$0")/../.."

if [ "${1:-}" = inside ]; then
  # The new bus: services with folders of their own.
  mkdir -m 700 "$FRONTDESK_DESKTOP"/{run,data}
  printf 'a passphrase' |
    XDG_RUNTIME_DIR="$FRONTDESK_DESKTOP/run" XDG_DATA_HOME="$FRONTDESK_DESKTOP/data" \
      gnome-keyring-daemon --unlock --components=secrets --foreground > "$FRONTDESK_DESKTOP/keyring.log" 2>&1 &
  keyring=$!
  /usr/bin/python3 tests/desktop/notifications.py "$FRONTDESK_DESKTOP" &
  notifications=$!
  trap 'kill $keyring $notifications 2> /dev/null || true' EXIT
  for name in org.freedesktop.secrets org.freedesktop.Notifications; do
    for _ in $(seq 100); do
      dbus-send --session --print-reply --dest=org.freedesktop.DBus / org.freedesktop.DBus.GetNameOwner \
        "string:$name" > /dev/null 2>&1 && break
      sleep 0.1
    done || true
    dbus-send --session --print-reply --dest=org.freedesktop.DBus / org.freedesktop.DBus.GetNameOwner \
      "string:$name" > /dev/null || { echo "run.sh: $name did not start" >&2; exit 1; }
  done
  cargo test --features keyring --test desktop
  exit
fi

packages=()
want() { command -v "$1" > /dev/null || packages+=("$2"); }
want dbus-run-session dbus
want dbus-send dbus-bin
want gnome-keyring-daemon gnome-keyring
want secret-tool libsecret-tools
[ -x /usr/bin/python3 ] || packages+=(python3)
/usr/bin/python3 -c 'import dbus, gi' 2> /dev/null || packages+=(python3-dbus python3-gi)
if [ ${#packages[@]} -gt 0 ]; then
  if [ "$(id -u)" != 0 ]; then
    echo "left out: desktop (needs ${packages[*]}; run tests/desktop/run.sh as root once)"
    exit 1
  fi
  export DEBIAN_FRONTEND=noninteractive
  apt-get -qq update
  apt-get -qq install -y --no-install-recommends "${packages[@]}" > /dev/null
fi

FRONTDESK_DESKTOP=$(mktemp -d /tmp/frontdesk-desktop.XXXXXX)
export FRONTDESK_DESKTOP
trap 'rm -rf "$FRONTDESK_DESKTOP"' EXIT
unset DBUS_SESSION_BUS_ADDRESS DISPLAY WAYLAND_DISPLAY SSH_CONNECTION SSH_TTY
dbus-run-session -- tests/desktop/run.sh inside
