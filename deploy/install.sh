#!/usr/bin/env bash
# Puts the portal on one Debian machine: sudo deploy/install.sh --host gas.example.ru
# A second run changes nothing. It never overwrites keys, settings, certificates or data. docs/install.md says what comes after.
set -euo pipefail
umask 022
# shellcheck source=deploy/release.sh
. "$(dirname "${BASH_SOURCE[0]}")/release.sh"

packages() {
  local missing=() redis=0
  [ -z "$prefix" ] || return 0
  command -v nginx >/dev/null || missing+=(nginx-light)
  command -v openssl >/dev/null || missing+=(openssl)
  command -v curl >/dev/null || missing+=(curl)
  python3 -c 'import ensurepip, venv' 2>/dev/null || missing+=(python3-venv)
  # From Python 3.13 on no wheel brings a Redis; the portal starts this one by itself, on a private socket.
  command -v redis-server >/dev/null || command -v valkey-server >/dev/null || { missing+=(redis-server) redis=1; }
  [ "${#missing[@]}" != 0 ] || return 0
  say "installing ${missing[*]}"
  apt-get update -q
  DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}"
  [ "$redis" = 0 ] || systemctl disable --now redis-server.service # Debian starts one for all; nobody needs it
  changed=1
}

account() {
  if ! getent passwd "$user" >/dev/null; then
    useradd --system --user-group --home-dir /var/lib/mygas --no-create-home --shell /usr/sbin/nologin "$user"
    say "made the user $user"
    changed=1
  fi
}

# folder MODE OWNER PATH
folder() {
  [ "$(stat -c '%a %U' "$3" 2>/dev/null || true)" != "$1 $2" ] || return 0
  install -d -m "$1" -o "$2" -g "$(id -gn "$user")" "$3"
  changed=1
}

folders() {
  local root=root
  [ -z "$prefix" ] || root=$(id -un)
  mkdir -p "$releases" "$prefix/run" "$prefix/etc/nginx/mygas.d" "$prefix/var/www/mygas-acme"
  folder 750 "$root" "$settings"
  folder 500 "$user" "$settings/keys"
  folder 750 "$root" "$settings/secrets"
  folder 750 "$root" "$settings/catalogue"
  folder 700 "$root" "$settings/tls"
  folder 700 "$user" "$data"
  folder 700 "$user" "$backups"
  folder 750 "$root" "$upgrades"
}

keys() {
  local name scratch
  for name in session codes pins pepper sealing; do
    [ ! -e "$settings/keys/$name" ] || continue
    # Never a second key for data that the first one has sealed.
    [ ! -e "$data/mygas.db" ] || die "the key $settings/keys/$name is gone, and there is data: bring it back from where you keep your keys"
    scratch=$(mktemp "$settings/.key.XXXXXX")
    openssl rand -hex 32 >"$scratch"
    chmod 400 "$scratch"
    chown "$user:" "$scratch"
    mv "$scratch" "$settings/keys/$name"
    say "made the key $settings/keys/$name"
    changed=1
  done
}

# The settings, once; and what nginx needs to start before there is a certificate.
configuration() {
  local scratch
  if [ ! -e "$settings/host" ]; then
    say "$host" >"$settings/host"
    changed=1
  fi
  if [ ! -e "$settings/portal.env" ]; then
    scratch=$(mktemp)
    sed -e "s/gas\.example\.ru/$host/g" -e "s#=/etc/mygas#=$settings#" -e "s#=/var/lib/mygas#=$data#" "$source/deploy/portal.env" >"$scratch"
    put_file "$scratch" "$settings/portal.env" 640
    rm -f "$scratch"
    chgrp "$(id -gn "$user")" "$settings/portal.env"
  fi
  if [ ! -e "$settings/tls/fullchain.pem" ]; then
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -subj "/CN=$host" -addext "subjectAltName=DNS:$host" \
      -keyout "$settings/tls/privkey.pem" -out "$settings/tls/fullchain.pem" 2>/dev/null
    chmod 600 "$settings/tls/privkey.pem"
    say "made a certificate that no browser believes, for 30 days: put a real one in its place (docs/install.md)"
    changed=1
  fi
}

site() {
  local enabled=$prefix/etc/nginx/sites-enabled
  [ ! -e "$enabled/mygas" ] || return 0
  mkdir -p "$enabled"
  if [ -L "$enabled/default" ]; then
    rm "$enabled/default" # Debian's greeting would answer before the portal
  fi
  ln -s ../sites-available/mygas "$enabled/mygas"
  nginx -t -q
  systemctl reload-or-restart nginx
  changed=1
}

units_enabled() {
  local unit
  for unit in mygas.service mygas-backup.timer mygas-doctor.timer; do
    systemctl is-enabled --quiet "$unit" 2>/dev/null && continue
    systemctl enable --quiet "$unit"
    say "enabled $unit"
    changed=1
  done
}

host=
while [ $# != 0 ]; do
  case $1 in
    --host) host=${2:?"--host needs a name"}; shift 2 ;;
    *) die "usage: install.sh --host gas.example.ru" ;;
  esac
done
only_root
[ -n "$host" ] || host=$(cat "$settings/host" 2>/dev/null) || die "usage: install.sh --host gas.example.ru"
[[ $host =~ ^[a-z0-9]([a-z0-9.-]*[a-z0-9])?\.[a-z0-9-]+$ ]] || die "'$host' is not a host's name; write a Russian domain as xn--..."
[ ! -e "$settings/host" ] || [ "$(cat "$settings/host")" = "$host" ] || die "the portal is installed for $(cat "$settings/host"): change $settings/host, PUBLIC_URL and the certificate, then run this again"

packages
account
folders
name=$(release_name)
if [ -e "$current" ] && [ "$(basename "$(readlink "$current")")" != "$name" ]; then
  die "another release is installed: use deploy/upgrade.sh"
fi
build_release "$name"
point_to "$name"
keys
configuration
put_release_files "$releases/$name"
site
units_enabled
if [ "$changed" = 0 ]; then
  say "nothing to do: the release $name is installed"
else
  say "installed the release $name. Fill in $settings/portal.env, then: mygas check && systemctl start mygas.service mygas-backup.timer mygas-doctor.timer"
fi
