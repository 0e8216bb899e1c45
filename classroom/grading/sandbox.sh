#!/bin/sh
# sandbox.sh COURSE PYTHON VENV COMMAND …: run a command as nobody, in a place of its own.
# Root starts it in new namespaces (apart.py): it reaches no network, sees no process but
# its own, and what is mounted here nobody else sees.
set -eu
umask 022  # nobody has to find the way
course=$1 python=$2 venv=$3
shift 3

take() { mkdir "/mnt/$1"; mount --bind "$2" "/mnt/$1"; }
put() { mkdir -p "$2"; mount --move "/mnt/$1" "$2"; }

mount -t tmpfs -o mode=755 none /mnt
take python "$python"
take venv "$venv"
take common "$course/common"
(cd "$course" && cp --parents lessons/*/exercises/checks.py /mnt)
# Grades, sources and homes are out of reach, and no submission leaves one for the next.
for folder in /home /root "$course"; do
    mount -t tmpfs -o mode=755 none "$folder"
done
for folder in /tmp /var/tmp /dev/shm; do
    mount -t tmpfs -o mode=1777,size=512m none "$folder"
done
put python "$python"
put venv "$venv"
put common "$course/common"
cp -R /mnt/lessons "$course"

cd /tmp
# Not by exec: when this shell, the first process here, is killed, all others end.
setpriv --reuid nobody --regid "$(id -g nobody)" --clear-groups --no-new-privs "$@"
