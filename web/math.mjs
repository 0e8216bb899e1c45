// TeX to SVG: reads [[[tex, display], …], …] on stdin, one list for each page, and
// writes [{formulas: [html, …], glyphs: html}, …]. The first fault in a formula ends it
// with status 1 and the line `TeX: message` on stderr.
import { readFileSync } from "node:fs";
import { liteAdaptor } from "mathjax-full/js/adaptors/liteAdaptor.js";
import { AssistiveMmlHandler } from "mathjax-full/js/a11y/assistive-mml.js";
import { RegisterHTMLHandler } from "mathjax-full/js/handlers/html.js";
import { TeX } from "mathjax-full/js/input/tex.js";
import "mathjax-full/js/input/tex/ams/AmsConfiguration.js";
import "mathjax-full/js/input/tex/boldsymbol/BoldsymbolConfiguration.js";
import { mathjax } from "mathjax-full/js/mathjax.js";
import { SVG } from "mathjax-full/js/output/svg.js";

const adaptor = liteAdaptor();
AssistiveMmlHandler(RegisterHTMLHandler(adaptor));

// Half of MathJax's output are notes for its own menu. A long formula scrolls, so the
// keyboard must get to it.
const lean = (html) =>
  html
    .replace(/ (data-[\w-]+|xmlns(:xlink)?|focusable|unselectable|class|jax)="[^"]*"/g, "")
    .replaceAll(` style="position: relative;"`, "")
    .replace(' display="true"', '$& tabindex="0"')
    .replaceAll("xlink:href", "href");

function typeset(formulas) {
  const svg = new SVG({ fontCache: "global" });
  const tex = new TeX({
    packages: ["base", "ams", "boldsymbol"],
    formatError(_, error) {
      throw error;
    },
  });
  const page = mathjax.document("", { InputJax: tex, OutputJax: svg });
  const html = formulas.map(([source, display]) => {
    try {
      return lean(adaptor.outerHTML(page.convert(source, { display })));
    } catch (error) {
      console.error(`${source}: ${error.message}`);
      process.exit(1);
    }
  });
  return { formulas: html, glyphs: adaptor.outerHTML(svg.fontCache.getCache()) };
}

const pages = JSON.parse(readFileSync(0, "utf-8"));
process.stdout.write(JSON.stringify(pages.map(typeset)));
