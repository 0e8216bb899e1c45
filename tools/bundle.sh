#!/bin/sh
# Make .build/rmsprop-offline.tar: the repository with all that `make` and `make hub`
# install on a machine like this one, for a room without network.
set -eu
fail() { echo "make: $*" >&2; exit 1; }

git diff --quiet HEAD || fail "there are changes that are not committed: commit" \
    "them, and run make offline-bundle again."
name=rmsprop-offline
rm -rf ".build/$name"
mkdir -p ".build/$name"
git archive HEAD | tar -x -C ".build/$name"

# The pages and the decks, which git does not keep.
if [ -d site ]; then cp -R site ".build/$name/"; else
    echo "Without the site and the slides: run make slides before, to have them in it."
fi
cp -R classroom/node_modules ".build/$name/classroom/"

for list in requirements.txt classroom/requirements.txt; do
    .venv/bin/python -m pip download --quiet --disable-pip-version-check \
        --dest ".build/$name/wheels" -r "$list" ||
        fail "not everything could be fetched (see above); with the network on," \
            "run make offline-bundle again."
done
# To install this repository itself.
.venv/bin/python -m pip download --quiet --disable-pip-version-check \
    --dest ".build/$name/wheels" "setuptools>=68" wheel

tar -C .build -cf ".build/$name.tar.part" "$name"
mv ".build/$name.tar.part" ".build/$name.tar"
rm -rf ".build/$name"
du -h ".build/$name.tar"
echo "Unpack it on a machine like this one ($(uname -sm)), and run make there."
