# Shared by demo, test and bench: a private venv with locked packages, and the page.
# Needs only python3 >= 3.11; uv comes from PyPI into the venv, pinned by hash like everything else.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
venv="$root/.venv"
cd "$root"

die() { printf 'error: %s\nhint: %s\n' "$1" "$2" >&2; exit 1; }
say() { printf '· %s\n' "$*" >&2; }

# Runs a command as root: as we are, or through sudo. $1 says why.
as_root() {
  local why=$1; shift
  if [ "$(id -u)" = 0 ]; then say "$why"; "$@"
  elif command -v sudo >/dev/null; then say "$why (sudo may ask for your password)"; sudo "$@"
  else die "$why: needs root, and sudo is not there" "run as root: $*"; fi
}

# Installs Debian packages that are missing. $1 says what for, the rest are package names.
apt_need() {
  local why=$1; shift
  local missing=()
  for package in "$@"; do dpkg -s "$package" >/dev/null 2>&1 || missing+=("$package"); done
  [ ${#missing[@]} = 0 ] && return
  command -v apt-get >/dev/null || die "missing: ${missing[*]} ($why)" "install them with your system's package manager"
  as_root "installing ${missing[*]}: $why" env DEBIAN_FRONTEND=noninteractive sh -c \
    'apt-get update -qq && apt-get install -y -qq --no-install-recommends "$@" >/dev/null' sh "${missing[@]}"
}

find_python() {
  local candidate
  for candidate in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11; do
    if command -v "$candidate" >/dev/null &&
      "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      printf '%s' "$candidate"; return
    fi
  done
  die "python3 3.11 or newer is needed" "install it, or name it: PYTHON=/path/to/python3 $0"
}

# Brings the venv to what the lock files say. $1: run or test.
prepare() {
  local wanted=$1 stamp python
  stamp="$wanted $(cat scripts/requirements/{tools,build,run,test}.txt pyproject.toml | sha256sum)"
  if [ ! -x "$venv/bin/python" ]; then
    python=$(find_python)
    "$python" -c 'import ensurepip' 2>/dev/null ||
      apt_need "Debian keeps venv apart from python3" "$("$python" -c 'import sys; print(f"python{sys.version_info[0]}.{sys.version_info[1]}-venv")')"
    say "making a private Python environment in .venv"
    "$python" -m venv "$venv"
  fi
  # What was made for tests serves to run as well.
  case "$(cat "$venv/doorward.stamp" 2>/dev/null)" in "$stamp" | "test ${stamp#* }") ;; *)
    say "installing locked packages (a few minutes the first time)"
    "$venv/bin/python" -m pip install -q --disable-pip-version-check --require-hashes -r scripts/requirements/tools.txt
    local files=(-r scripts/requirements/build.txt -r scripts/requirements/run.txt)
    [ "$wanted" = test ] && files+=(-r scripts/requirements/test.txt)
    "$venv/bin/uv" pip install -q --python "$venv/bin/python" --require-hashes "${files[@]}"
    say "building the page and installing doorward into the environment"
    "$venv/bin/uv" pip install -q --python "$venv/bin/python" --no-deps --no-build-isolation --editable .
    printf '%s' "$stamp" > "$venv/doorward.stamp"
  esac
  "$venv/bin/python" scripts/build_page.py
}
