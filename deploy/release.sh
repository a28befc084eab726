# What install.sh and upgrade.sh have in common: how a release is built and where its files belong. To be sourced.
# shellcheck shell=bash disable=SC2034
#
# PREFIX goes before every folder and MYGAS_USER names the user: for tests, which have neither systemd nor the right to ask apt.

prefix=${PREFIX:-}
user=${MYGAS_USER:-mygas}
source=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
releases=$prefix/opt/mygas/releases
current=$prefix/opt/mygas/current
settings=$prefix/etc/mygas
data=$prefix/var/lib/mygas
backups=$prefix/var/backups/mygas
upgrades=$prefix/var/backups/mygas-upgrades
units=$prefix/etc/systemd/system
closed=$prefix/run/mygas-closed
PARTS=(wsgi.py requirements.txt README.md mygas migrations templates static translations docs deploy)
changed=0

say() { printf '%s\n' "$*"; }

die() {
  printf 'mygas: %s\n' "$*" >&2
  exit 1
}

only_root() { [ "$(id -u)" = 0 ] || [ -n "$prefix" ] || die "run this as root"; }

# The name of the release in $source: its version and a digest of its files, so that no two differ under one name.
release_name() {
  local version digest
  version=$(sed -n 's/^VERSION = "\(.*\)"$/\1/p' "$source/mygas/__init__.py")
  digest=$(cd "$source" && find "${PARTS[@]}" -type f ! -name '*.pyc' -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -c1-10)
  say "${version:?no VERSION in mygas/__init__.py}-$digest"
}

# Build the release of that name beside the others, unless it is there whole.
build_release() {
  local folder=$releases/$1 python=${PYTHON:-python3}
  [ ! -e "$folder/.whole" ] || return 0
  "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || die "Python 3.11 or newer is needed; name it: PYTHON=python3.12 $0"
  say "building the release $1"
  rm -rf "$folder"
  mkdir -p "$folder"
  tar -C "$source" --exclude=__pycache__ --exclude='*.pyc' -cf - "${PARTS[@]}" | tar -C "$folder" --no-same-owner -xf -
  keep_consents "$folder"
  "$python" -m venv "$folder/venv"
  "$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-input -r "$folder/requirements.txt"
  "$folder/venv/bin/python" -m compileall -q "$folder/mygas" "$folder/migrations" "$folder/wsgi.py"
  chmod -R go+rX,go-w "$folder"
  sync -f "$folder"
  touch "$folder/.whole"
  changed=1
}

# The editions of the consent that the present release has go along into $1: people have signed them, and one is in force.
keep_consents() {
  local text texts=mygas/domain/consent_texts
  for text in "$current/$texts"/*.txt; do
    [ ! -e "$text" ] || [ -e "$1/$texts/$(basename "$text")" ] || cp "$text" "$1/$texts/"
  done
}

# Copy $1 to $2 with the mode $3, when it is not so already; tells by `put` whether it was.
put_file() {
  put=0
  if ! cmp -s "$1" "$2"; then
    mkdir -p "$(dirname "$2")"
    install -m "$3" "$1" "$2"
    say "wrote $2"
    put=1 changed=1
  fi
}

# The units, the command and the files of nginx as the release in $1 has them, for the host in $settings/host.
put_release_files() {
  local deploy=$1/deploy file host port site systemd=0 proxy=0
  host=$(cat "$settings/host")
  port=$(setting PORT)
  for file in "$deploy"/*.service "$deploy"/*.timer; do
    put_file "$file" "$units/$(basename "$file")" 644
    systemd=$((systemd + put))
  done
  [ "$systemd" = 0 ] || systemctl daemon-reload
  put_file "$deploy/mygas" "$prefix/usr/local/sbin/mygas" 755
  put_file "$deploy/nginx-proxy.conf" "$prefix/etc/nginx/mygas-proxy.conf" 644
  proxy=$put
  site=$(mktemp)
  sed -e "s/gas\.example\.ru/$host/g" -e "s/127\.0\.0\.1:8000/127.0.0.1:${port:-8000}/" "$deploy/nginx.conf" >"$site"
  put_file "$site" "$prefix/etc/nginx/sites-available/mygas" 644
  proxy=$((proxy + put))
  rm -f "$site"
  if [ "$proxy" != 0 ] && [ -e "$prefix/etc/nginx/sites-enabled/mygas" ]; then
    nginx -t -q || return 1
    systemctl reload-or-restart nginx
  fi
}

# Make $current lead to the release $1, at one stroke.
point_to() {
  [ "$(readlink "$current" || true)" != "releases/$1" ] || return 0
  ln -sfn "releases/$1" "$current.new"
  mv -T "$current.new" "$current"
  say "the current release is $1"
  changed=1
}

setting() { sed -n "s/^$1=//p" "$settings/portal.env" | tail -n 1; }

# Ask the portal at its own door, as nginx would: $1 is the path.
ask_portal() {
  local port host
  port=$(setting PORT)
  host=$(setting PUBLIC_URL)
  host=${host#https://}
  curl --silent --show-error --fail --noproxy '*' --max-time 10 -H "Host: ${host%%/*}" "http://127.0.0.1:${port:-8000}$1"
}

# Wait until the portal says that it is ready, at most $2 seconds; $1 is /readyz or /healthz.
wait_for_portal() {
  local end=$((SECONDS + $2))
  until ask_portal "$1" >/dev/null 2>&1; do
    [ "$SECONDS" -lt "$end" ] || return 1
    sleep 1
  done
}

portal() { PREFIX=$prefix MYGAS_USER=$user MYGAS_RELEASE=$releases/$1 "$releases/$1/deploy/mygas" "${@:2}"; }
