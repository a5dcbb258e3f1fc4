#!/bin/bash
# The programs that `frontdesk bench run` compares itself with: Debian packages, installed as root. What is not
# installed is left out with a word.
set -e
export DEBIAN_FRONTEND=noninteractive
apt-get -qq update
for package in neomutt aerc notmuch isync dovecot-imapd openssl; do
  apt-get -qq install -y --no-install-recommends "$package" > /dev/null ||
    echo "$package: cannot be installed here, and will be left out" >&2
done
