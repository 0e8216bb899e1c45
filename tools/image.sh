#!/bin/sh
# Build the image of ../Containerfile and try it, without a container engine: as root on
# Debian, with its packages buildah and debootstrap. IMAGE_OPTIONS are options for
# `buildah build`; `make test-image` tries the image out.
set -eu
fail() { echo "make: $*" >&2; exit 1; }

for program in buildah debootstrap; do
    command -v "$program" >/dev/null || fail "$program is needed: apt install $program."
done
[ "$(id -u)" = 0 ] || fail "this has to run as root: it makes a root folder for Debian."

base=localhost/bookworm
if ! buildah inspect --type image "$base" >/dev/null 2>&1; then
    folder=$(mktemp -d)
    trap 'rm -rf "$folder"' EXIT
    debootstrap --variant=minbase bookworm "$folder/root" >"$folder/log" ||
        { cat "$folder/log" >&2; fail "the base could not be made (see above)."; }
    tar -C "$folder/root" -cf "$folder/root.tar" .
    container=$(buildah from scratch)
    buildah add --quiet "$container" "$folder/root.tar" / >/dev/null
    buildah commit --quiet --rm "$container" "$base" >/dev/null
fi
# shellcheck disable=SC2086 # several options
buildah build --isolation chroot --layers --build-arg BASE="$base" ${IMAGE_OPTIONS-} \
    --tag localhost/optimizers --file Containerfile .
buildah images localhost/optimizers
