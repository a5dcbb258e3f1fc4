#!/bin/bash
# Installs what the server suites need (Debian 12 or Ubuntu 22.04/24.04, as root). Safe to repeat.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive

packages=()
want() { command -v "$1" > /dev/null || packages+=("${@:2}"); }
want dovecot dovecot-imapd dovecot-lmtpd
[ -x /usr/lib/dovecot/imap ] || packages+=(dovecot-imapd)
[ -x /usr/lib/dovecot/lmtp ] || packages+=(dovecot-lmtpd)
want postfix postfix
want openssl openssl
want strace strace
want npm nodejs npm # the Bot API, the Twilio and the signers that others made
want cc gcc libc6-dev # SQLite is built from source

if [ ${#packages[@]} -gt 0 ]; then
  [ "$(id -u)" = 0 ] || { echo "install.sh: needs root to install ${packages[*]}" >&2; exit 1; }
  # The packages would start daemons on the usual ports; ours run on their own.
  if [ ! -e /usr/sbin/policy-rc.d ]; then
    printf '#!/bin/sh\nexit 101\n' > /usr/sbin/policy-rc.d
    chmod +x /usr/sbin/policy-rc.d
    trap 'rm -f /usr/sbin/policy-rc.d' EXIT
  fi
  for attempt in 1 2 3; do
    if apt-get -qq update &&
      { echo 'postfix postfix/main_mailer_type select No configuration' | debconf-set-selections; } &&
      apt-get -qq install -y --no-install-recommends "${packages[@]}" > /dev/null; then
      break
    fi
    [ $attempt -lt 3 ] || { echo "install.sh: apt could not install ${packages[*]}" >&2; exit 1; }
    echo "install.sh: apt failed, trying again" >&2
    sleep $((attempt * 5))
  done
fi

version=$(dovecot --version)
case $version in
  2.3.*) ;;
  *) echo "install.sh: the configuration here is for Dovecot 2.3, found $version" >&2; exit 1 ;;
esac
"$(dirname "$0")/telegram.sh" install "${FRONTDESK_SERVERS_DIR:-/var/cache/frontdesk-servers}/telegram"
"$(dirname "$0")/emulate.sh" install "${FRONTDESK_SERVERS_DIR:-/var/cache/frontdesk-servers}/emulate"
"$(dirname "$0")/signers.sh" install "${FRONTDESK_SERVERS_DIR:-/var/cache/frontdesk-servers}/signers"
echo "installed: dovecot ${version%% *}, postfix $(postconf -d -h mail_version)"
