#!/bin/sh
# bin/earshot of a bundle: the program, with the libraries beside it.
here=$(dirname "$(readlink -f "$0")")/../lib/earshot
LD_LIBRARY_PATH=$here/libs exec "$here/earshot" "$@"
