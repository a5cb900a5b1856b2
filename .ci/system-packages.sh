#!/usr/bin/env bash
# Makes sure of what the build needs from the system, for the Python given; `tests` adds what the C++ tests need.
# Missing packages are installed by apt, with sudo where not root; elsewhere one line says what to install.
#
#   .ci/system-packages.sh <python> [tests]
set -euo pipefail
python=$1
missing=()

version=$("$python" -c 'import sys; print("python%d.%d" % sys.version_info[:2])')
command -v g++ > /dev/null || missing+=(g++)
"$python" -c 'import ensurepip, venv' 2> /dev/null || missing+=("$version-venv")
"$python" -c 'import os, sys, sysconfig
sys.exit(not os.path.exists(os.path.join(sysconfig.get_path("include"), "Python.h")))' || missing+=("$version-dev")
if [[ ${2:-} == tests ]]; then
  [[ -e /usr/include/gtest/gtest.h || -e /usr/local/include/gtest/gtest.h ]] || missing+=(libgtest-dev)
fi
[[ ${#missing[@]} -eq 0 ]] && exit 0

sudo=""
if [[ $(id -u) -ne 0 ]]; then sudo=sudo; fi
if command -v apt-get > /dev/null && { [[ -z $sudo ]] || command -v sudo > /dev/null; }; then
  echo "installing ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  $sudo apt-get install -y -qq "${missing[@]}" || { $sudo apt-get update -qq && $sudo apt-get install -y -qq "${missing[@]}"; }
else
  echo "these system packages are missing; on Debian or Ubuntu: apt-get install ${missing[*]}" >&2
  exit 1
fi
