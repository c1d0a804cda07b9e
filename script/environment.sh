# Sourced by the other scripts: sets $root and $python, and makes .venv ready.
# shellcheck shell=bash

unset CDPATH
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
python=$root/.venv/bin/python
export PYTHONUTF8=1 PYTHONUNBUFFERED=1
# Without a secret key of its own, an installation is a demo (docs/settings.md).
[ -n "${SECRET_KEY:-}" ] || export PEOPLE_HR_DEMO="${PEOPLE_HR_DEMO:-1}"

system_python() {
  local candidate
  for candidate in "${PYTHON:-python3}" python3 python3.14 python3.13 python3.12 python3.11 python; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      echo "$candidate"
      return
    fi
  done
  echo "People HR needs Python 3.11 or newer; set PYTHON to its path." >&2
  return 1
}

# Install what requirements file $1 (requirements.txt by default) pins, unless
# exactly that is installed.
use_environment() {
  local requirements=${1:-requirements.txt} found
  if cmp -s "$root/$requirements" "$root/.venv/installed-$requirements" &&
    "$python" -c '' 2>/dev/null; then
    return
  fi
  found=$(system_python)
  "$found" "$root/script/environment.py" "$requirements"
}
