// The formula and its line: pointing at a symbol of an update's formula, or focusing it,
// marks the code that computes it, and the other way round. A lesson says in a table
// which names a symbol has in the code; #terms holds that table.

type Term = { symbol: string; names: string[] };

/** Letters without bold and italics, and both epsilons as one. */
const plain = (text: string) => text.normalize("NFKC").trim();

const NAME = /[A-Za-z_]\w*/g;

/** The identifiers of a formula, but not those of its indices. */
function symbols(math: Element): HTMLElement[] {
  const index = (e: Element) => {
    const script = e.closest("msub > :nth-child(2), msubsup > :nth-child(2), munderover > :nth-child(2)");
    return script && math.contains(script);
  };
  return [...math.querySelectorAll<HTMLElement>("mi")].filter((e) => !index(e));
}

/** The names that a line of code gives a value, be it to an element or a slice. */
function assigned(line: string): string[] {
  const before = /^\s*([\w\s,]+?)(?:\[[\w\s:]*\])?\s*[-+*/]?=(?!=)/.exec(line) ?? /^\s*(\w+)\.assign/.exec(line);
  return before?.[1].match(NAME) ?? [];
}

/** Wrap each line of code, and in it each name that stands for a symbol. */
function wrap(code: Element, termOf: (name: string) => Term | undefined): void {
  if (code.querySelector(".line")) return;
  const lines = code.innerHTML.split("\n").map((markup) => {
    const line = document.createElement("span");
    line.className = "line";
    line.innerHTML = markup;
    const sets = assigned(line.textContent!).map((name) => termOf(name)?.symbol);
    line.dataset.sets = sets.filter((symbol) => symbol).join(" ");
    const texts = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
    const nodes: Text[] = [];
    while (texts.nextNode()) nodes.push(texts.currentNode as Text);
    for (const node of nodes) {
      const pieces = node.data.split(/([A-Za-z_]\w*)/).map((piece) => {
        const term = termOf(piece);
        if (!term) return piece;
        const span = document.createElement("span");
        span.dataset.term = term.symbol;
        span.textContent = piece;
        return span;
      });
      node.replaceWith(...pieces);
    }
    return line;
  });
  code.replaceChildren(...lines.flatMap((line, i) => (i ? ["\n", line] : [line])));
}

/** Show which symbol is pointed at, in a formula and in its code. */
function mark(group: Element[], symbol: string | undefined): void {
  for (const part of group) {
    for (const e of part.querySelectorAll<HTMLElement>("[data-term]"))
      e.classList.toggle("marked", e.dataset.term === symbol);
    for (const e of part.querySelectorAll<HTMLElement>("[data-sets]"))
      e.classList.toggle("computes", !!symbol && e.dataset.sets!.split(" ").includes(symbol));
  }
}

function connect(group: Element[]): void {
  for (const part of group) {
    const stops = [...part.querySelectorAll<HTMLElement>("[data-term]")];
    if (stops.length) stops[0].tabIndex = 0;
    const pointed = (event: Event) => (event.target as Element).closest<HTMLElement>("[data-term]")?.dataset.term;
    for (const kind of ["pointerover", "focusin"])
      part.addEventListener(kind, (event) => mark(group, pointed(event)));
    for (const kind of ["pointerleave", "focusout"]) part.addEventListener(kind, () => mark(group, undefined));
    // One stop for all, and the arrows go from one to the next.
    part.addEventListener("keydown", (event) => {
      const { key } = event as KeyboardEvent;
      const step = { ArrowRight: 1, ArrowLeft: -1 }[key];
      const next = step && stops[stops.indexOf(event.target as HTMLElement) + step];
      if (!next) return;
      event.preventDefault();
      for (const stop of stops) stop.tabIndex = stop === next ? 0 : -1;
      next.focus();
    });
  }
}

/** Find the formulas that say how something is updated, and the code that does it. */
export function linkTerms(): void {
  const terms: Term[] = JSON.parse(document.getElementById("terms")?.textContent ?? "[]");
  const known = (name: string) => terms.find(({ names }) => names.includes(name));
  const termOf = (symbol: string) => terms.find((term) => term.symbol === symbol) ?? known(symbol);
  const cells = [...document.querySelectorAll(".cell")];
  for (const equation of document.querySelectorAll(".equation")) {
    const math = equation.querySelector("math")!;
    const found = symbols(math).map((e) => [e, termOf(plain(e.textContent!))] as const);
    const needed = new Set(found.map(([, term]) => term).filter((term) => term));
    if (!math.textContent!.includes("←") || !needed.size) continue;
    const later = cells.slice(cells.indexOf(equation.closest(".cell")!) + 1);
    const cell = later.find((cell) => {
      if (cell.matches("[data-draws]")) return false;
      const code = cell.querySelector(".source code");
      const names = new Set(code?.textContent!.match(NAME)?.map((name) => known(name)));
      const have = [...needed].filter((term) => names.has(term)).length;
      // Of many symbols one may have no name: a gradient that is an attribute.
      return code && have >= Math.max(needed.size - 1, Math.min(needed.size, 3));
    });
    if (!cell) continue;
    for (const [e, term] of found) if (term) e.dataset.term = term.symbol;
    const codes = [...cell.querySelectorAll(".source code")];
    for (const code of codes) wrap(code, known);
    connect([math, ...codes]);
  }
}
