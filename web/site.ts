// What a page does: frameworks, language, colours, copying, figures, search, print.

import { linkTerms } from "./terms";

const html = document.documentElement;
const all = <T extends HTMLElement>(selector: string) => [...document.querySelectorAll<T>(selector)];

function keep(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // A browser that keeps nothing still shows everything.
  }
}

/** With these keys, the arrows belong to the browser: back, select, scroll. */
const modified = (event: KeyboardEvent | MouseEvent) => event.altKey || event.ctrlKey || event.metaKey || event.shiftKey;

// Frameworks

/** What the address asks for comes before what is kept, so it follows the choice. */
function keepInAddress(framework: string): void {
  const url = new URL(location.href);
  url.searchParams.set("framework", framework);
  try {
    history.replaceState(history.state, "", url);
  } catch {
    // From a disk, some browsers do not let a page change its address.
  }
}

const select = document.querySelector<HTMLSelectElement>("#framework");

function showFramework(framework: string): void {
  html.dataset.framework = framework;
  for (const tab of all("[data-tab]")) {
    const chosen = tab.dataset.tab === framework;
    tab.setAttribute("aria-selected", String(chosen));
    tab.tabIndex = chosen ? 0 : -1;
    const panel = document.getElementById(tab.getAttribute("aria-controls")!)!;
    if (chosen) panel.setAttribute("aria-labelledby", tab.id);
  }
  if (select) select.value = framework;
  // From a disk, some browsers keep nothing from page to page.
  for (const link of all<HTMLAnchorElement>("a[href*='.html']:not(.share a)")) {
    const url = new URL(link.href);
    if (url.host !== location.host) continue;
    url.searchParams.set("framework", framework);
    link.href = url.href;
  }
}

function choose(framework: string, control: HTMLElement): void {
  // What stays where it is: the tab, or, for the bar's switch, what is read.
  const still = control === select ? (document.querySelector<HTMLElement>(place()) ?? control) : control;
  const before = still.getBoundingClientRect().top;
  showFramework(framework);
  keep("framework", framework);
  keepInAddress(framework);
  control.focus({ preventScroll: true });
  scrollBy({ top: still.getBoundingClientRect().top - before, behavior: "instant" });
  findLong();
}

select?.addEventListener("change", () => choose(select.value, select));

document.addEventListener("click", (event) => {
  const tab = (event.target as Element).closest<HTMLElement>("[data-tab]");
  if (tab) choose(tab.dataset.tab!, tab);
});

document.addEventListener("keydown", (event) => {
  const tab = (event.target as Element).closest<HTMLElement>("[data-tab]");
  if (!tab || modified(event)) return;
  const tabs = [...tab.parentElement!.children] as HTMLElement[];
  const at = tabs.indexOf(tab);
  const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: -1 }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  const chosen = tabs.at(to % tabs.length)!;
  choose(chosen.dataset.tab!, chosen);
});

// Languages: a place is a cell and the number of the block in it, `#cell~3`.

const reached = (element: Element) => element.getBoundingClientRect().bottom > 80;

/** What is read: the cell below the bar. */
const place = () => `#${all(".cell").find(reached)?.id ?? "take"}`;

function exactPlace(): string {
  const shown = [...(document.querySelector(place())?.children ?? [])];
  return `${place()}~${Math.max(shown.findIndex(reached), 0)}`;
}

let touched = false; // by readers, who are then where they want to be
for (const kind of ["wheel", "touchstart", "keydown", "pointerdown"])
  addEventListener(kind, () => (touched = true), { once: true, passive: true });

function goToPlace(): void {
  const [, id, at] = /^#([\w-]+)(?:~|%7E)(\d+)$/i.exec(location.hash) ?? [];
  const cell = id && document.getElementById(id);
  if (cell) (cell.children[Number(at)] ?? cell).scrollIntoView();
}

const language = document.getElementById("language") as HTMLAnchorElement;
for (const kind of ["pointerdown", "focus", "click"]) {
  language.addEventListener(kind, () => {
    language.hash = scrollY > 0 ? exactPlace() : "";
  });
}

// Colours

document.getElementById("theme")!.addEventListener("click", () => {
  html.dataset.theme = html.dataset.theme === "dark" ? "light" : "dark";
  keep("theme", html.dataset.theme);
});

// Contents: the section that is read is marked.

const sections = all<HTMLAnchorElement>(".contents ul ul a").map((link) => ({
  link,
  heading: document.getElementById(link.hash.slice(1))!,
}));
let current: HTMLAnchorElement | undefined;
function markSection(): void {
  const now = sections.findLast(({ heading }) => heading.getBoundingClientRect().top < 120)?.link;
  if (now === current) return;
  current?.removeAttribute("aria-current");
  now?.setAttribute("aria-current", "location");
  const list = now?.closest<HTMLElement>(".contents");
  if (now && list) list.scrollTop = now.offsetTop - list.clientHeight / 2;
  current = now;
}
let marking = 0;
addEventListener("scroll", () => {
  marking ||= requestAnimationFrame(() => {
    marking = 0;
    markSection();
  });
});

// Headings: a link to each, for those who point; the contents have them for all.

for (const heading of all("main :is(h2, h3)[id]")) {
  const link = document.createElement("a");
  link.className = "permalink";
  link.href = `#${heading.id}`;
  link.tabIndex = -1;
  link.ariaHidden = "true";
  link.textContent = "#";
  heading.append(" ", link);
}

// Code: copied as it stands.

const { copy, copied, close, enlarge } = document.body.dataset;
for (const code of all(".code > code")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  button.textContent = copy!;
  code.parentElement!.after(button);
  button.addEventListener("click", async () => {
    const range = document.createRange();
    range.selectNodeContents(code);
    try {
      await navigator.clipboard.writeText(code.textContent!);
    } catch {
      // Where a page may not write, the browser copies what is selected.
      getSelection()!.removeAllRanges();
      getSelection()!.addRange(range);
      document.execCommand("copy");
    }
    button.textContent = copied!;
    setTimeout(() => (button.textContent = copy!), 2000);
  });
}

/** What scrolls by itself must be reached by the keyboard; what does not, not. */
function findLong(): void {
  for (const box of all("pre, .scroll, .math")) {
    if (box.scrollWidth > box.clientWidth + 1) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  }
}
addEventListener("resize", findLong);
addEventListener("toggle", findLong, true);

// Figures: enlarged above the page; without scripts the link leads to the picture.

const dialog = document.createElement("dialog");
dialog.ariaLabel = enlarge!;
dialog.innerHTML = `<button type="button">${close}</button><img alt="">`;
document.body.append(dialog);
dialog.addEventListener("click", () => dialog.close());
document.addEventListener("click", (event) => {
  const link = (event.target as Element).closest<HTMLAnchorElement>("a.enlarge");
  if (!link || modified(event)) return;
  event.preventDefault();
  const image = dialog.querySelector("img")!;
  image.src = link.href;
  image.alt = link.querySelector("img")!.alt;
  dialog.showModal();
});

// Once the page can be used, lay out the rest, while nobody wants anything else of it.

const waiting = all(".cell");
function settle(deadline?: IdleDeadline): void {
  do {
    const cell = waiting.shift();
    if (!cell) break;
    cell.style.contentVisibility = "visible";
    void cell.offsetHeight; // it is laid out here and now, so that the deadline counts
  } while (deadline && deadline.timeRemaining() > 5);
  if (waiting.length) return void idle(settle);
  linkTerms();
  findLong();
  if (!touched) goToPlace();
  markSection();
  html.dataset.settled = "";
}
const idle = window.requestIdleCallback ?? ((callback: () => void) => setTimeout(callback));
addEventListener("load", () => idle(settle));

// Print

let opened: HTMLDetailsElement[] = [];
addEventListener("beforeprint", () => {
  opened = all<HTMLDetailsElement>("main details:not([open])");
  for (const details of opened) details.open = true;
  for (const image of all<HTMLImageElement>("img")) image.loading = "eager";
});
addEventListener("afterprint", () => {
  for (const details of opened) details.open = false;
});
document.getElementById("print")?.addEventListener("click", () => print());

// Search

type Section = { address: string; title: string; page: string; text: string };
declare global {
  interface Window {
    sections?: Section[];
  }
}

/** The text without case and diacritics, letter for letter. */
const fold = (text: string) =>
  text.toLowerCase().replace(/[^\0-\x7f]/g, (c) => ({ đ: "d", "−": "-" })[c] ?? c.normalize("NFD")[0]);

/** Where `words` are in `text`, [from, to]; words typed with diacritics must have them. */
function find(text: string, words: string): [number, number] | undefined {
  const plain = fold(words) === words.replaceAll("−", "-");
  const pieces = (plain ? fold(words) : words).match(/[\p{L}\p{N}_]+|[^\p{L}\p{N}_\s]/gu) ?? [];
  // Spaces matter between words only: x+1 is x + 1.
  const word = /[\p{L}\p{N}_]$/u;
  const shape = pieces
    .map((piece, i) => {
      const apart = i > 0 && word.test(piece) && word.test(pieces[i - 1]) ? "\\s+" : "\\s*";
      return (i ? apart : "") + piece.replace(/[^\p{L}\p{N}_]/gu, "\\$&");
    })
    .join("");
  const hit = shape ? new RegExp(shape).exec(plain ? fold(text) : text.toLowerCase()) : null;
  return hit ? [hit.index, hit.index + hit[0].length] : undefined;
}

/** Sections with all the words, those with the whole phrase first, titles before texts. */
function search(sections: Section[], query: string): Section[] {
  const words = query.split(" ");
  const rank = ({ title, text }: Section) => {
    if (!words.every((word) => find(`${title} ${text}`, word))) return 0;
    return 1 + (find(text, query) ? 2 : 0) + (find(title, query) ? 4 : 0);
  };
  const ranked = sections.map((section) => [rank(section), section] as const);
  return ranked.filter(([rank]) => rank).sort(([a], [b]) => b - a).map(([, section]) => section);
}

/** The text from `from` to `until`, with what is at `hit` marked. */
function marked(text: string, hit?: [number, number], from = 0, until?: number): (string | Node)[] {
  if (!hit) return [text.slice(from, until)];
  const mark = document.createElement("mark");
  mark.append(text.slice(...hit));
  return [text.slice(from, hit[0]), mark, text.slice(hit[1], until)];
}

/** A line of `text` around the first of `phrases` that is there, which is marked. */
function excerpt(text: string, phrases: string[]): HTMLElement {
  const line = document.createElement("small");
  const hit = phrases.map((phrase) => find(text, phrase)).find((hit) => hit);
  const [at, to] = hit ?? [0, 0];
  const from = Math.max(0, text.lastIndexOf(" ", Math.max(0, at - 40)));
  line.append(...marked(text, hit, from, to + 60));
  return line;
}

const input = document.getElementById("search") as HTMLInputElement;
const results = document.getElementById("results")!;
// What is said must not be in what is hidden: then nothing would be said.
const status = results.previousElementSibling as HTMLElement;
const count = results.querySelector("p")!;
const list = results.querySelector("ul")!;

function closeResults(): void {
  results.hidden = true;
  status.textContent = "";
}

function showResults(): void {
  const query = input.value.normalize("NFC").toLowerCase().trim().replace(/\s+/g, " ");
  if (!query || !window.sections) return closeResults();
  const found = search(window.sections!, query);
  const { none, one, many } = status.dataset;
  const told = found.length === 0 ? none! : found.length === 1 ? one! : many!.replace("{n}", String(found.length));
  status.textContent = count.textContent = told;
  list.replaceChildren(
    ...found.map((section) => {
      const link = document.createElement("a");
      const address = new URL(input.dataset.folder + section.address, location.href);
      address.searchParams.set("framework", html.dataset.framework!);
      link.href = address.href;
      const named = find(section.title, query);
      link.append(...marked(section.title, named));
      if (section.page !== section.title) {
        // Exercises and solutions have the same sections.
        const page = document.createElement("small");
        page.className = "page";
        page.append(section.page);
        link.append(page);
      }
      // Where the title has the phrase, a single word of it is no find.
      link.append(excerpt(section.text, named ? [query] : [query, ...query.split(" ")]));
      const item = document.createElement("li");
      item.append(link);
      return item;
    }),
  );
  results.hidden = false;
}

// A script, as a page on a disk may not fetch; only when somebody searches.
input.addEventListener(
  "focus",
  () => {
    const script = document.createElement("script");
    script.src = input.dataset.index!;
    script.onload = showResults;
    document.head.append(script);
  },
  { once: true },
);
for (const kind of ["input", "focus"]) input.addEventListener(kind, showResults);

document.addEventListener("keydown", (event) => {
  const typing = (event.target as Element).closest("input:not([type=range], [type=checkbox]), select, textarea");
  if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  input.focus();
});

const searching = input.parentElement!;
searching.addEventListener("keydown", (event) => {
  if (modified(event)) return;
  const stops = [input, ...list.querySelectorAll("a")];
  const at = stops.indexOf(document.activeElement as HTMLAnchorElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1 }[event.key];
  if (event.key === "Escape") {
    input.value = "";
    closeResults();
    input.focus();
  } else if (to !== undefined && stops[to]) {
    event.preventDefault();
    stops[to].focus();
  }
});
searching.addEventListener("focusout", (event) => {
  if (!searching.contains(event.relatedTarget as Node | null)) closeResults();
});
list.addEventListener("click", (event) => {
  if ((event.target as Element).closest("a")) closeResults();
});

showFramework(html.dataset.framework!);
goToPlace();
document.fonts.ready.then(goToPlace); // their letters have other widths
addEventListener("hashchange", goToPlace);

