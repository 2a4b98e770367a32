#!/bin/sh
# Makes what lies in files/ from package.json's packages and src/. Run by "make generate"; the result is
# committed, so that building Parley needs no Node.
set -eu
cd "$(dirname "$0")"
../.ci/need npm
# Chromium, Firefox and Safari of the last two years. A script of the page's head can't be a module: it runs too late.
./node_modules/.bin/esbuild src/js/*.js --bundle --format=iife --minify --target=es2022 --charset=utf8 \
  --legal-comments=none --log-level=warning --outdir=files --entry-names='[name]'
./node_modules/.bin/tailwindcss --minify -i src/app.css -o files/app.css
cp node_modules/htmx.org/dist/htmx.min.js files/htmx.min.js
mkdir -p ../e2e/testdata && cp node_modules/axe-core/axe.min.js ../e2e/testdata/ # for the tests alone
cp node_modules/@fontsource-variable/inter/files/inter-latin-wght-normal.woff2 files/inter.woff2
node -e '
  const all = require("emojibase-data/en/compact.json").filter((e) => e.group !== undefined && e.group !== 2);
  all.sort((a, b) => a.order - b.order);
  process.stdout.write(JSON.stringify(all.map((e) => [e.unicode, [e.label, ...(e.tags || [])].join("|").toLowerCase()])));
' > files/emoji.json
{
  printf '<svg xmlns="http://www.w3.org/2000/svg">\n'
  while read -r name; do
    printf '<symbol id="%s" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round">' "$name"
    sed -e 's/<!--.*-->//' -e '/^<svg/,/^>/d' -e '/<\/svg>/d' "node_modules/lucide-static/icons/$name.svg" | tr -d '\n' | sed 's/  */ /g'
    printf '</symbol>\n'
  done < src/icons.txt
  printf '</svg>\n'
} > files/icons.svg
