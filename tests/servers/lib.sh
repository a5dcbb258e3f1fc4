# Sourced by every script here: where state lives, which ports are used, how a daemon is stopped.
# Nothing here ever kills by name: only a pid that one of these scripts recorded, and only while
# that pid is still the same program.
#
#   FRONTDESK_SERVERS_DIR   state (mail, logs, pids, certificates); must be reachable by the
#                           daemons' own users, so not under a 0700 home
#   FRONTDESK_SERVERS_PORT  ports are this base plus a fixed offset; two runs with different
#                           directories and bases live side by side
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
DIR=${FRONTDESK_SERVERS_DIR:-/var/cache/frontdesk-servers}
BASE=${FRONTDESK_SERVERS_PORT:-31000}

die() { echo "$(basename "$0"): $*" >&2; exit 1; }

[ "$(id -u)" = 0 ] || die "needs root: Dovecot and Postfix change user for their parts"
[ ${#DIR} -le 70 ] || die "FRONTDESK_SERVERS_DIR is too long for a unix socket: $DIR"
mkdir -p "$DIR"
chmod 755 "$DIR"

# Ports by offset from the base.
LMTP_PORT=$((BASE + 24)) SASL_PORT=$((BASE + 12))
MX_PORT=$((BASE + 25)) SUBMISSION_PORT=$((BASE + 587)) SMTPS_PORT=$((BASE + 465))
imap_port()  { case $1 in full) echo $((BASE + 143)) ;; lean) echo $((BASE + 144)) ;; condstore) echo $((BASE + 145)) ;; spare) echo $((BASE + 146)) ;; *) die "no instance named $1" ;; esac; }
imaps_port() { echo $(($(imap_port "$1") + 850)); }

# What the suites read to find the servers.
write_env() {
  local name
  {
    echo "CA=$DIR/tls/ca.pem"
    echo "CERT=$DIR/tls/server.pem"
    echo "KEY=$DIR/tls/server.key"
    for name in full lean condstore spare; do
      echo "IMAP_${name^^}=$(imap_port $name)"
      echo "IMAPS_${name^^}=$(imaps_port $name)"
    done
    echo "LMTP=$LMTP_PORT"
    echo "MX=$MX_PORT"
    echo "SUBMISSION=$SUBMISSION_PORT"
    echo "SMTPS=$SMTPS_PORT"
  } > "$DIR/servers.env.new"
  mv "$DIR/servers.env.new" "$DIR/servers.env"
}

# One start, stop or reset at a time per directory; the daemons must not inherit the lock (9>&-).
one_at_a_time() { exec 9> "$DIR/lock"; flock 9; }

# pid_of <pidfile> <program>: the recorded pid while it is alive and still that program.
pid_of() {
  local pid
  [ -s "$1" ] || return 1
  pid=$(tr -d ' \n' < "$1")
  [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = "$2" ] && echo "$pid"
}

# stop_recorded <pidfile> <program>: TERM, five seconds, then KILL.
stop_recorded() {
  local pid
  if pid=$(pid_of "$1" "$2"); then
    kill "$pid"
    for _ in $(seq 100); do kill -0 "$pid" 2>/dev/null || return 0; sleep 0.05; done
    kill -9 "$pid" 2>/dev/null || true
  fi
}

port_open() { (exec 3<> "/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# wait_ports <log> <port>...: until all accept, or the log's end and a failure after 20 seconds.
wait_ports() {
  local log=$1 port tries
  shift
  for port in "$@"; do
    for tries in $(seq 400); do port_open "$port" && continue 2; sleep 0.05; done
    tail -n 20 "$log" >&2 || true
    die "nothing answers on port $port after 20 seconds"
  done
}

# A certificate authority of our own, and a server certificate for localhost and 127.0.0.1.
make_tls() {
  local tls=$DIR/tls
  [ -s "$tls/server.pem" ] && return
  mkdir -p "$tls"
  openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -subj '/CN=frontdesk test authority' \
    -addext 'basicConstraints=critical,CA:TRUE' -addext 'keyUsage=critical,keyCertSign' \
    -keyout "$tls/ca.key" -out "$tls/ca.pem" 2>/dev/null
  openssl req -newkey rsa:2048 -nodes -subj '/CN=localhost' \
    -keyout "$tls/server.key" -out "$tls/server.csr" 2>/dev/null
  printf '%s\n' 'basicConstraints=CA:FALSE' 'subjectAltName=DNS:localhost,IP:127.0.0.1' \
    'extendedKeyUsage=serverAuth' > "$tls/extensions"
  openssl x509 -req -in "$tls/server.csr" -CA "$tls/ca.pem" -CAkey "$tls/ca.key" -CAcreateserial \
    -days 3650 -extfile "$tls/extensions" -out "$tls/server.pem.new" 2>/dev/null
  mv "$tls/server.pem.new" "$tls/server.pem"
}
