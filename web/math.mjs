// TeX to MathML: reads [[tex, display], …] on stdin and writes [{html} or {fault}, …].
import { readFileSync } from "node:fs";
import temml from "temml";

const set = ([tex, displayMode]) => {
  try {
    return { html: temml.renderToString(tex, { displayMode, throwOnError: true }) };
  } catch (error) {
    return { fault: error.message.split("\n")[0] };
  }
};

process.stdout.write(JSON.stringify(JSON.parse(readFileSync(0, "utf-8")).map(set)));
