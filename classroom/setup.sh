#!/bin/sh
# Make .venv-hub, in which the hub, its proxy and the students' servers run, unless it
# is there from the same pins.
set -eu

inputs=$(cat constraints.txt classroom/requirements.txt classroom/login/requirements.txt \
         classroom/package-lock.json classroom/setup.sh | cksum)
stamp=.venv-hub/made-from
[ -f "$stamp" ] && [ "$(cat "$stamp")" = "$inputs" ] && exit 0

fail() { echo "make: $1 (see above); with the network on, run make again." >&2; exit 1; }

echo "Making .venv-hub; this takes a minute, once."
.venv/bin/python -m venv --clear .venv-hub
# Node.js comes with the Python packages: the machine's own may be too old.
PATH=$PWD/.venv-hub/bin:$PATH
# A bundle for rooms without network brings what pip and npm would fetch.
[ -d wheels ] && export PIP_NO_INDEX=1 PIP_FIND_LINKS=wheels
python -m pip install --quiet --disable-pip-version-check \
    -c constraints.txt -r classroom/requirements.txt -r classroom/login/requirements.txt ||
    fail "JupyterHub could not be installed"
[ -d wheels ] && [ -d classroom/node_modules/configurable-http-proxy ] ||
    npm ci --prefix classroom --loglevel=error --no-audit --no-fund ||
    fail "the proxy could not be installed"
# Servers run in .venv-hub, kernels in .venv.
kernel=.venv-hub/share/jupyter/kernels/python3
rm -r "$kernel"
.venv/bin/python -c "from ipykernel.kernelspec import write_kernel_spec as write
write('$kernel')"
# Nobody is asked whether to hear of Jupyter's news, which a closed room cannot fetch.
jupyter labextension disable --level=sys_prefix \
    @jupyterlab/apputils-extension:announcements >/dev/null
# Students cannot write here, so what they import must be compiled before.
.venv/bin/python -m compileall -q common
echo "$inputs" > "$stamp"
