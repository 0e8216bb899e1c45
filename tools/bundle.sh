#!/bin/sh
# Make .build/optimizers-offline.tar: the repository with all that `make` and `make hub`
# install on a machine like this one, for a room without network.
set -eu
fail() { echo "make: $*" >&2; exit 1; }

git diff --quiet HEAD || fail "there are changes that are not committed: commit" \
    "them, and run make offline-bundle again."
name=optimizers-offline
rm -rf ".build/$name"
mkdir -p ".build/$name"
git archive HEAD | tar -x -C ".build/$name"

# The pages and the decks, which git does not keep.
if [ -d site ]; then cp -R site ".build/$name/"; else
    echo "Without the site and the slides: run make slides before, to have them in it."
fi
cp -R classroom/node_modules ".build/$name/classroom/"

download() {
    .venv/bin/python -m pip download --quiet --disable-pip-version-check \
        --dest ".build/$name/wheels" "$@" ||
        fail "not everything could be fetched (see above); with the network on," \
            "run make offline-bundle again."
}
download -c constraints.txt -r requirements.txt -r classroom/requirements.txt \
    -r classroom/login/requirements.txt
# What has metadata that is not to be heard, and what installs this repository itself.
download --no-deps -r requirements-no-deps.txt
download "setuptools>=68" wheel

tar -C .build -cf ".build/$name.tar.part" "$name"
mv ".build/$name.tar.part" ".build/$name.tar"
rm -rf ".build/$name"
du -h ".build/$name.tar"
echo "Unpack it on a machine like this one ($(uname -sm)), and run make there."
