#!/usr/bin/env bash
# Upgrades the portal to the release in whose folder this stands: sudo deploy/upgrade.sh
#
# The new release is built and tried beside the old one; then the portal is closed to visitors, backed up, migrated and started.
# When anything fails, the database and the old release come back and the portal is opened again.
#
#   --unready   go on although the portal is not ready now (a gateway that is away, say); then only /healthz is waited for
#   --back      go back to the release before the last upgrade, and to its data: what was written since is lost
#   --yes       do not ask before --back
set -euo pipefail
umask 022
# shellcheck source=deploy/release.sh
. "$(dirname "${BASH_SOURCE[0]}")/release.sh"

PATIENCE=${PATIENCE:-120} # seconds for the new release to come up
KEPT=3                    # releases, with the present one
stage=nothing             # closed: nobody is served; touched: the database may be another
old='' new='' backup='' door=/readyz

free_megabytes() { df --output=avail -BM "$1" | tail -n 1 | tr -dc 0-9; }

enough_space() {
  local database=0 needed
  if [ -e "$data/mygas.db" ]; then
    database=$(du -cm "$data"/mygas.db* | tail -n 1 | cut -f1)
  fi
  needed=$((3 * database + 500))
  [ "$(free_megabytes "$data")" -ge "$needed" ] || die "$data needs $needed MB of free space"
  [ "$(free_megabytes "$upgrades")" -ge "$needed" ] || die "$upgrades needs $needed MB of free space"
  [ "$(free_megabytes "$releases")" -ge 1000 ] || die "$releases needs 1000 MB of free space"
}

# Back up into a folder of its own and name the backup in $backup. $1 is a release, $2 tells the occasion.
back_up() {
  local folder found
  folder=$upgrades/$(date -u +%Y%m%dT%H%M%SZ)-$2
  install -d -m 700 -o "$user" -g "$(id -gn "$user")" "$folder"
  portal "$1" backup "$folder" >/dev/null
  found=$(find "$folder" -mindepth 1 -maxdepth 1 ! -name '.*' -print -quit)
  backup=${found:?the backup is not where it was to be}
  say "backed up: $backup"
}

# Try to restore the backup elsewhere.
check_backup() {
  portal "$1" restore "$backup" --check >/dev/null
  say "checked: it can be brought back"
}

close_portal() {
  touch "$closed"
  stage=closed
  systemctl stop mygas-backup.timer mygas-doctor.timer mygas-backup.service mygas.service
}

open_portal() {
  systemctl start mygas-backup.timer mygas-doctor.timer
  rm -f "$closed"
  stage=nothing
}

start_portal() {
  systemctl start mygas.service
  wait_for_portal "$1" "$2"
}

# The old release and, where the database may be another, its data. The portal stays closed when this fails too.
put_back() {
  local aside=''
  trap - EXIT
  trap '' INT TERM
  set +e
  say "going back to the release $old" >&2
  systemctl stop mygas.service
  point_to "$old" || stuck "the link to the old release"
  put_release_files "$releases/$old" || stuck "the files of the old release"
  if [ "$stage" = touched ]; then
    aside=given_up_$(date -u +%Y%m%dt%H%M%S)
    portal "$old" python "$releases/$old/deploy/set_aside.py" aside "$aside" || stuck "making room for the data of $backup"
    portal "$old" restore "$backup" >&2 || stuck "the data, from $backup"
  fi
  start_portal /healthz 120 || stuck "the start of the old release"
  rm -f "$upgrades/last"
  open_portal
  [ -z "$aside" ] || portal "$old" python "$releases/$old/deploy/set_aside.py" forget "$aside"
  set -e
}

stuck() {
  say "mygas: THE WAY BACK FAILED AT: $1. The portal is closed ($closed). See docs/install.md, «Если обновление застряло»." >&2
  exit 2
}

failed() {
  local status=$?
  [ "$status" != 0 ] || return 0
  if [ "$stage" = nothing ]; then
    say "mygas: the upgrade was given up before anything was changed" >&2
  else
    put_back
    say "mygas: the upgrade FAILED; the release $old works again, with the data of the moment it was closed. Why: see above, and journalctl -u mygas" >&2
  fi
  exit 1
}

# Forget old releases, but for the present one and that before it, and backups of upgrades older than a month.
tidy() {
  local name
  find "$releases" -mindepth 1 -maxdepth 1 -type d -printf '%T@ %f\n' | sort -rn | tail -n +$((KEPT + 1)) | cut -d' ' -f2 |
    while read -r name; do
      [ "$name" = "$new" ] || [ "$name" = "$old" ] || rm -rf "${releases:?}/$name"
    done
  find "$upgrades" -mindepth 1 -maxdepth 1 -type d -mtime +30 -exec rm -rf {} +
}

upgrade() {
  old=$(basename "$(readlink "$current")")
  new=$(release_name)
  [ "$old" != "$new" ] || { say "nothing to do: the release $new is installed"; return 0; }
  enough_space
  ask_portal "$door" >/dev/null 2>&1 || die "the portal does not say at $door that it is well: mygas doctor tells why; mend it first, or give --unready"
  trap failed EXIT
  trap 'exit 130' INT TERM
  build_release "$new"
  portal "$new" check || die "the new release does not start with the present settings"
  back_up "$old" rehearsal
  check_backup "$old"
  rm -rf "$(dirname "$backup")" # it showed that the way back is open, at no cost to visitors; the true one follows

  rm -f "$upgrades/last" # it tells of an earlier upgrade, whose data must not come back any more
  close_portal
  back_up "$old" "before-$new"
  check_backup "$old"
  say "$old $new $backup" >"$upgrades/last"
  stage=touched
  point_to "$new"
  put_release_files "$releases/$new"
  portal "$new" db upgrade
  start_portal "$door" "$PATIENCE" || die "the new release did not come up in $PATIENCE seconds"
  open_portal
  trap - EXIT INT TERM
  tidy
  say "upgraded from $old to $new"
}

# An upgrade that was killed between closing the door and touching anything.
reopen() {
  start_portal /healthz 120 || die "the portal does not start: journalctl -u mygas"
  open_portal
  say "nothing had been changed; the portal is open again"
}

go_back() {
  local answer
  if [ ! -r "$upgrades/last" ]; then
    [ -e "$closed" ] || die "there is no upgrade to go back from"
    reopen
    return 0
  fi
  read -r old new backup <"$upgrades/last"
  [ -e "$releases/$old/.whole" ] || die "the release $old is gone"
  [ -e "$backup" ] || die "the backup $backup is gone"
  if [ "$yes" = 0 ]; then
    read -r -p "Back to $old and to the data of $backup; all that was written since is lost. Type yes: " answer
    [ "$answer" = yes ] || die "nothing was done"
  fi
  close_portal
  ( back_up "$old" "given-up-$new" ) || say "the present data could not be backed up; going on" >&2
  stage=touched
  put_back
  say "gone back to $old"
}

yes=0 back=0
for word in "$@"; do
  case $word in
    --unready) door=/healthz ;;
    --back) back=1 ;;
    --yes) yes=1 ;;
    *) sed -n '2,9s/^# \{0,1\}//p' "$0"; exit 2 ;;
  esac
done
only_root
[ -e "$current" ] || die "nothing is installed: use deploy/install.sh"
exec 9>"$prefix/run/mygas-upgrade.lock"
flock --timeout 3 9 || die "another upgrade is at work"
if [ "$back" = 1 ]; then
  go_back
else
  upgrade
fi
