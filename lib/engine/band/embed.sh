#!/bin/sh
# embed.sh FOLDER: print a C source with every *.style file of the folder as text (see styles.h).
set -eu
LC_ALL=C
export LC_ALL

cd "$1"
echo '#include "engine/band/styles.h"'
for file in *.style; do
	name=${file%.style}
	printf '\nstatic const char text_%s[] = {\n' "$(printf %s "$name" | tr -c 'A-Za-z0-9' _)"
	od -An -v -tx1 "$file" | sed 's/ *\([0-9a-f][0-9a-f]\)/0x\1,/g'
	printf '0x00\n};\n'
done
printf '\nconst struct band_file band_styles[] = {\n'
for file in *.style; do
	name=${file%.style}
	printf '\t{ "%s", text_%s },\n' "$name" "$(printf %s "$name" | tr -c 'A-Za-z0-9' _)"
done
printf '};\n\nconst size_t band_style_count = sizeof band_styles / sizeof band_styles[0];\n'
