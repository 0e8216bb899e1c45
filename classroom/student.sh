#!/bin/bash
# Start a student's server. JupyterHub runs this as the student, so that it can do
# nothing to anybody's files that the student could not do.
set -eu
umask 077  # homes are often readable by all: what is made here is not

course=$(cd "$(dirname "$0")/.." && pwd)
mine=$HOME/rmsprop

# A kernel that allocates without bound ends, and the machine lives.
# A Spawner's mem_limit does nothing here.
[ -z "${STUDENT_MEMORY_KIB-}" ] || ulimit -d "$STUDENT_MEMORY_KIB"
[ -z "${STUDENT_PROCESSES-}" ] || ulimit -u "$STUDENT_PROCESSES"

# What is missing is copied; what is there is the student's and stays as it is.
mkdir -p "$mine"
chmod 700 "$mine"
cd "$course/notebooks"
find . -name '*.ipynb' ! -name 'solutions-*' ! -path '*/.*/*' | while read -r file; do
    [ -e "$mine/$file" ] && continue
    # Under its name only when it is whole: a disk may be full.
    mkdir -p "$mine/$(dirname "$file")" && cp "$file" "$mine/$file.part" &&
        mv "$mine/$file.part" "$mine/$file" || rm -f "$mine/$file.part"
done
# Where kernels put their sockets. A socket's path is at most 107 characters, homes can
# be deep, on a network, or full; mktemp makes a folder that only the student enters.
JUPYTER_RUNTIME_DIR=$(mktemp -d /tmp/rmsprop.XXXXXX)
export JUPYTER_RUNTIME_DIR

# One comes back to a full disk to make room: then all that Jupyter writes goes there.
if ! head -c 100000 /dev/zero 2>/dev/null >"$mine/.room"; then
    export JUPYTER_CONFIG_DIR=$JUPYTER_RUNTIME_DIR JUPYTER_DATA_DIR=$JUPYTER_RUNTIME_DIR
    export IPYTHONDIR=$JUPYTER_RUNTIME_DIR
    set -- "$@" --FileContentsManager.delete_to_trash=False  # a trash makes no room
fi
rm -f "$mine/.room"

cd "$mine"
exec "$course/.venv-hub/bin/jupyterhub-singleuser" "$@"
