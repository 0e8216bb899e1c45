#!/bin/bash
# Start a student's server. JupyterHub runs this as the student, so that it can do
# nothing to anybody's files that the student could not do. Without a hub, as in a
# container of one's own, it starts JupyterLab.
set -eu
umask 077  # homes are often readable by all: what is made here is not

course=$(cd "$(dirname "$0")/.." && pwd)
mine=$HOME/optimizers

# A kernel that allocates without bound ends, and the machine lives.
# The mem_limit of a LocalProcessSpawner does nothing.
[ -z "${STUDENT_MEMORY_KIB-}" ] || ulimit -d "$STUDENT_MEMORY_KIB"
[ -z "${STUDENT_PROCESSES-}" ] || ulimit -u "$STUDENT_PROCESSES"

mkdir -p "$mine"
chmod 700 "$mine"
# Should that fail, one finds what one had.
lesson=$("$course/.venv-hub/bin/python" "$course/classroom/handout.py" "$mine") || lesson=
export JUPYTERHUB_DEFAULT_URL=/lab${lesson:+/tree/$lesson}

# Where kernels put their sockets. A socket's path is at most 107 characters, homes can
# be deep, on a network, or full. The name can be guessed, so it is used only when it
# is a folder, no link, of this account; in /tmp nobody else can then replace it.
JUPYTER_RUNTIME_DIR=/tmp/optimizers-$UID
mkdir -m 700 "$JUPYTER_RUNTIME_DIR" 2>/dev/null ||
    { [ -O "$JUPYTER_RUNTIME_DIR" ] && [ ! -L "$JUPYTER_RUNTIME_DIR" ] &&
        chmod 700 "$JUPYTER_RUNTIME_DIR"; } ||
    JUPYTER_RUNTIME_DIR=$(mktemp -d /tmp/optimizers.XXXXXX)
export JUPYTER_RUNTIME_DIR

# One comes back to a full disk to make room: then all that Jupyter writes goes there.
if ! head -c 100000 /dev/zero 2>/dev/null >"$mine/.room"; then
    export JUPYTER_CONFIG_DIR=$JUPYTER_RUNTIME_DIR JUPYTER_DATA_DIR=$JUPYTER_RUNTIME_DIR
    export IPYTHONDIR=$JUPYTER_RUNTIME_DIR
    set -- "$@" --FileContentsManager.delete_to_trash=False  # a trash makes no room
fi
rm -f "$mine/.room"

cd "$mine"
server=jupyterhub-singleuser
[ -n "${JUPYTERHUB_API_TOKEN-}" ] ||
    { server=jupyter-lab; set -- --LabApp.default_url="$JUPYTERHUB_DEFAULT_URL" "$@"; }
exec "$course/.venv-hub/bin/$server" "$@"
