// Fonts with no more than the given characters: reads [{source, target, text, axes}, …]
// on stdin, axes being the range of weights that is kept, if there are several.
import { readFileSync, writeFileSync } from "node:fs";
import subsetFont from "subset-font";

for (const { source, target, text, axes } of JSON.parse(readFileSync(0, "utf-8"))) {
  const options = { targetFormat: "woff2", ...(axes && { variationAxes: axes }) };
  writeFileSync(target, await subsetFont(readFileSync(source), text, options));
}
