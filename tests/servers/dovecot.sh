#!/bin/bash
# Dovecot on loopback, over one mail store, as several servers that differ in what they offer:
#   full       everything Dovecot has: CONDSTORE, QRESYNC, IDLE, NOTIFY, MOVE, SPECIAL-USE; and LMTP
#   condstore  CONDSTORE but no QRESYNC
#   lean       plain IMAP4rev1 with UIDPLUS: no CONDSTORE, IDLE, MOVE, SPECIAL-USE
#   spare      as full; not started unless named: a suite may stop and start it
# usage: dovecot.sh start|stop|status|reset [INSTANCE...]
#        dovecot.sh token USER [SECONDS]     a bearer token for XOAUTH2 and OAUTHBEARER
#        dovecot.sh admin ARGUMENT...        doveadm on the full instance
#
# Every address of desk.test and cust.test has a mailbox; its password is pw- and the local part
# (support@desk.test: pw-support). over@cust.test has no room: LMTP refuses its mail for good.
. "$(dirname "$0")/lib.sh"

VMAIL=vmail-frontdesk

configure() {
  local name=$1 at=$DIR/dovecot-$1 capability='' lmtp=''
  mkdir -p "$at"/{run,state} "$DIR/mail" "$DIR/keys/default/HS256"
  # The token's key: validated by Dovecot itself, so no introspection endpoint is needed.
  [ -s "$DIR/keys/default/HS256/default" ] ||
    openssl rand -hex 32 | tr -d '\n' | base64 -w0 > "$DIR/keys/default/HS256/default"
  chown "$VMAIL:" "$DIR/mail"
  echo 'over@cust.test:::::::userdb_quota_rule=*:bytes=1 userdb_quota_grace=0' > "$DIR/full-boxes"

  case $name in
    lean) capability='imap_capability = IMAP4rev1 SASL-IR LITERAL+ UIDPLUS NAMESPACE' ;;
    condstore) capability='imap_capability = IMAP4rev1 SASL-IR LOGIN-REFERRALS ID ENABLE IDLE LITERAL+ UIDPLUS NAMESPACE MOVE SPECIAL-USE CONDSTORE' ;;
    full) lmtp=lmtp ;;
  esac

  cat > "$at/oauth2.conf" <<X
introspection_mode = local
local_validation_key_dict = fs:posix:prefix=$DIR/keys/
username_attribute = email
X
  cat > "$at/dovecot.conf" <<X
base_dir = $at/run
state_dir = $at/state
log_path = $at/dovecot.log
instance_name = frontdesk-$name
protocols = imap $lmtp
listen = 127.0.0.1

# Loopback counts as secure in Dovecot, so a login before STARTTLS is for the client to refuse.
ssl = required
ssl_cert = <$DIR/tls/server.pem
ssl_key = <$DIR/tls/server.key

auth_mechanisms = plain login xoauth2 oauthbearer
auth_failure_delay = 0
auth_verbose = yes
passdb {
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = $at/oauth2.conf
}
passdb {
  driver = static
  mechanisms = plain login
  args = password=pw-%n
}
userdb {
  driver = passwd-file
  args = username_format=%u $DIR/full-boxes
  default_fields = uid=$VMAIL gid=$VMAIL home=$DIR/mail/%d/%n
}
userdb {
  driver = static
  args = uid=$VMAIL gid=$VMAIL home=$DIR/mail/%d/%n allow_all_users=yes
}
first_valid_uid = 1
mail_location = sdbox:~/sdbox
mail_fsync = never
mail_max_userip_connections = 100
mail_plugins = quota
plugin {
  quota = count:User quota
  quota_vsizes = yes
}

namespace inbox {
  inbox = yes
  separator = /
  mailbox Drafts {
    special_use = \Drafts
    auto = subscribe
  }
  mailbox Sent {
    special_use = \Sent
    auto = subscribe
  }
  mailbox Junk {
    special_use = \Junk
    auto = subscribe
  }
  mailbox Trash {
    special_use = \Trash
    auto = subscribe
  }
  mailbox Archive {
    special_use = \Archive
    auto = subscribe
  }
}

protocol imap {
  $capability
}
service imap-login {
  chroot =
  inet_listener imap {
    port = $(imap_port "$name")
  }
  inet_listener imaps {
    port = $(imaps_port "$name")
    ssl = yes
  }
}
service anvil {
  chroot =
  # One suite logs in wrongly on purpose: the penalty would slow the next one down.
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
X
  if [ -n "$lmtp" ]; then
    cat >> "$at/dovecot.conf" <<X
protocol lmtp {
  postmaster_address = postmaster@desk.test
}
recipient_delimiter = +
service lmtp {
  inet_listener lmtp {
    port = $LMTP_PORT
  }
}
service auth {
  # Postfix asks here whether a submission login is right.
  inet_listener {
    port = $SASL_PORT
  }
}
X
  fi
}

start() {
  local name=$1 at=$DIR/dovecot-$1 ports
  ports=("$(imap_port "$name")" "$(imaps_port "$name")")
  [ "$name" = full ] && ports+=("$LMTP_PORT" "$SASL_PORT")
  if ! pid_of "$at/run/master.pid" dovecot > /dev/null; then
    make_tls
    getent passwd "$VMAIL" > /dev/null || useradd -r -U -M -d /nonexistent -s /usr/sbin/nologin "$VMAIL"
    configure "$name"
    rm -f "$at/run/master.pid"
    # A daemon that kept our output open would keep whoever reads it waiting.
    dovecot -c "$at/dovecot.conf" > "$at/start.log" 2>&1 9>&- ||
      { cat "$at/start.log" >&2; die "Dovecot $name did not start"; }
    wait_ports "$at/dovecot.log" "${ports[@]}"
  fi
  echo "dovecot $name: pid $(pid_of "$at/run/master.pid" dovecot), imap ${ports[0]}, imaps ${ports[1]}"
}

stop() {
  stop_recorded "$DIR/dovecot-$1/run/master.pid" dovecot
  echo "dovecot $1: stopped"
}

status() {
  local pid
  if pid=$(pid_of "$DIR/dovecot-$1/run/master.pid" dovecot); then
    echo "dovecot $1: up, pid $pid"
  else
    echo "dovecot $1: down"
    return 1
  fi
}

# A signed token that names USER and ends in SECONDS (default an hour; negative: already over).
token() {
  local now payload signature
  now=$(date +%s)
  url64() { base64 -w0 | tr '+/' '-_' | tr -d '='; }
  payload=$(printf '{"alg":"HS256","typ":"JWT"}' | url64).$(printf '{"sub":"%s","email":"%s","iat":%d,"exp":%d}' \
    "$1" "$1" $((now - 7200)) $((now + ${2:-3600})) | url64)
  signature=$(printf %s "$payload" | openssl dgst -sha256 -mac HMAC -binary \
    -macopt "key:$(base64 -d < "$DIR/keys/default/HS256/default")" | url64)
  echo "$payload.$signature"
}

verb=${1:-status}
shift || true
case $verb in
  token) token "$@"; exit ;;
  admin) exec doveadm -c "$DIR/dovecot-full/dovecot.conf" "$@" ;;
esac
[ $# -gt 0 ] && names=("$@") || names=(full condstore lean)
case $verb in
  start)
    one_at_a_time
    for name in "${names[@]}"; do start "$name"; done
    write_env
    ;;
  stop)
    one_at_a_time
    [ $# -gt 0 ] || names+=(spare)
    for name in "${names[@]}"; do stop "$name"; done
    ;;
  status)
    down=0
    for name in "${names[@]}"; do status "$name" || down=1; done
    exit $down
    ;;
  reset) # every instance: they share the mail
    "$0" stop
    rm -rf "$DIR/mail"
    "$0" start
    ;;
  *) die "usage: dovecot.sh start|stop|status|reset [INSTANCE...] | token USER [SECONDS] | admin ARGUMENT..." ;;
esac
