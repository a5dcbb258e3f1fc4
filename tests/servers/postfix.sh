#!/bin/bash
# Postfix on loopback, delivering desk.test and cust.test into Dovecot's LMTP. Nothing can leave the
# machine: every other domain is refused at once, and no transport for it exists.
#   mx          takes mail for the two domains, no login
#   submission  STARTTLS, then login (Dovecot's users)
#   smtps       the same over implicit TLS
# What it refuses or fails, with real codes and real bounces:
#   nobody@cust.test      550 at RCPT (every local part that is not in the list below)
#   busy@cust.test        451 at RCPT, for as long as one asks
#   over@cust.test        accepted, then bounced: mailbox full (5.2.2)
#   X-Refuse: anything    550 after DATA
#   over 25 MiB           552
# usage: postfix.sh start|stop|status|reset
. "$(dirname "$0")/lib.sh"

AT=$DIR/postfix
PIDFILE=$AT/spool/pid/master.pid

configure() {
  mkdir -p "$AT"/{conf,spool,data}
  chown postfix "$AT/data"
  cat > "$AT/conf/boxes" <<'X'
/^(alice|bob|support|sales)(\+.*)?@desk\.test$/ ok
/^(customer[12]|over)(\+.*)?@cust\.test$/ ok
# t-anything: a mailbox of its own for each test
/^t-[a-z0-9-]+(\+.*)?@(desk|cust)\.test$/ ok
X
  cat > "$AT/conf/headers" <<'X'
/^X-Refuse:/ REJECT 5.7.1 this message was refused
X
  cat > "$AT/conf/main.cf" <<X
compatibility_level = 3.6
queue_directory = $AT/spool
data_directory = $AT/data
maillog_file_prefixes = $AT
maillog_file = $AT/postfix.log
mail_owner = postfix
setgid_group = postdrop
myhostname = mx.desk.test
mydestination =
mynetworks =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
alias_maps =
alias_database =
local_recipient_maps =
biff = no
smtputf8_enable = yes
recipient_delimiter = +

virtual_mailbox_domains = desk.test, cust.test
virtual_mailbox_maps = regexp:$AT/conf/boxes
virtual_transport = lmtp:inet:127.0.0.1:$LMTP_PORT
default_transport = error:5.7.1 no mail leaves this machine
relay_transport = error:5.7.1 no mail leaves this machine
lmtp_host_lookup = native
header_checks = regexp:$AT/conf/headers
message_size_limit = 26214400
queue_run_delay = 5s
minimal_backoff_time = 5s
maximal_backoff_time = 30s
notify_classes =

smtpd_relay_restrictions = reject_unauth_destination
smtpd_recipient_restrictions = check_recipient_access inline:{ { busy@cust.test = 451 4.3.0 busy, try again later } }, reject_unauth_destination
smtpd_sasl_type = dovecot
smtpd_sasl_path = inet:127.0.0.1:$SASL_PORT
smtpd_sasl_security_options = noanonymous
smtpd_tls_security_level = may
smtpd_tls_cert_file = $DIR/tls/server.pem
smtpd_tls_key_file = $DIR/tls/server.key
smtpd_client_connection_count_limit = 0
smtpd_error_sleep_time = 0
smtpd_soft_error_limit = 1000
smtpd_hard_error_limit = 1000
X
  # No part is chrooted and none listens beyond loopback; there is no smtp client that could send.
  cat > "$AT/conf/master.cf" <<X
127.0.0.1:$MX_PORT inet n - n - - smtpd
127.0.0.1:$SUBMISSION_PORT inet n - n - - smtpd
  -o syslog_name=postfix/submission
  -o smtpd_sasl_auth_enable=yes
  -o smtpd_tls_auth_only=yes
  -o smtpd_relay_restrictions=permit_sasl_authenticated,reject
127.0.0.1:$SMTPS_PORT inet n - n - - smtpd
  -o syslog_name=postfix/smtps
  -o smtpd_tls_wrappermode=yes
  -o smtpd_sasl_auth_enable=yes
  -o smtpd_relay_restrictions=permit_sasl_authenticated,reject
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
X
}

start() {
  if ! pid_of "$PIDFILE" master > /dev/null; then
    port_open "$LMTP_PORT" || die "start dovecot.sh first: nothing answers on its LMTP port $LMTP_PORT"
    make_tls
    configure
    postfix -c "$AT/conf" start > "$AT/start.log" 2>&1 9>&- ||
      { cat "$AT/start.log" >&2; die "Postfix did not start"; }
    wait_ports "$AT/postfix.log" "$MX_PORT" "$SUBMISSION_PORT" "$SMTPS_PORT"
  fi
  echo "postfix: pid $(pid_of "$PIDFILE" master), mx $MX_PORT, submission $SUBMISSION_PORT, smtps $SMTPS_PORT"
}

case ${1:-status} in
  start)
    one_at_a_time
    start
    write_env
    ;;
  stop)
    one_at_a_time
    stop_recorded "$PIDFILE" master
    echo "postfix: stopped"
    ;;
  status)
    if pid=$(pid_of "$PIDFILE" master); then
      echo "postfix: up, pid $pid"
    else
      echo "postfix: down"
      exit 1
    fi
    ;;
  reset)
    "$0" stop
    rm -rf "$AT"
    "$0" start
    ;;
  *) die "usage: postfix.sh start|stop|status|reset" ;;
esac
