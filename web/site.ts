// What a page does: framework tabs, language, colours, search, print.

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
const modified = (event: KeyboardEvent) => event.altKey || event.ctrlKey || event.metaKey || event.shiftKey;

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

function showFramework(framework: string): void {
  html.dataset.framework = framework;
  for (const tab of all("[data-tab]")) {
    const chosen = tab.dataset.tab === framework;
    tab.setAttribute("aria-selected", String(chosen));
    tab.tabIndex = chosen ? 0 : -1;
    const panel = document.getElementById(tab.getAttribute("aria-controls")!)!;
    if (chosen) panel.setAttribute("aria-labelledby", tab.id);
  }
  // From a disk, some browsers keep nothing from page to page.
  for (const link of all<HTMLAnchorElement>("a[href*='.html']")) {
    const url = new URL(link.href);
    if (url.host !== location.host) continue;
    url.searchParams.set("framework", framework);
    link.href = url.href;
  }
}

function chooseTab(tab: HTMLElement): void {
  const before = tab.getBoundingClientRect().top;
  showFramework(tab.dataset.tab!);
  keep("framework", tab.dataset.tab!);
  keepInAddress(tab.dataset.tab!);
  tab.focus({ preventScroll: true });
  // What is above may be longer or shorter now; the tab stays under the finger.
  scrollBy({ top: tab.getBoundingClientRect().top - before, behavior: "instant" });
}

document.addEventListener("click", (event) => {
  const tab = (event.target as Element).closest<HTMLElement>("[data-tab]");
  if (tab) chooseTab(tab);
});

document.addEventListener("keydown", (event) => {
  const tab = (event.target as Element).closest<HTMLElement>("[data-tab]");
  if (!tab || modified(event)) return;
  const tabs = [...tab.parentElement!.children] as HTMLElement[];
  const at = tabs.indexOf(tab);
  const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: -1 }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  chooseTab(tabs.at(to % tabs.length)!);
});

// Languages: a place is a cell and the number of the block in it, `#cell~3`.

function place(): string {
  for (const cell of all(".cell")) {
    if (cell.getBoundingClientRect().bottom <= 80) continue;
    const shown = [...cell.children];
    const at = shown.findIndex((block) => block.getBoundingClientRect().bottom > 80);
    return `#${cell.id}~${Math.max(at, 0)}`;
  }
  return "#take";
}

function goToPlace(): void {
  const [, id, at] = /^#([\w-]+)(?:~|%7E)(\d+)$/i.exec(location.hash) ?? [];
  const cell = id && document.getElementById(id);
  if (cell) (cell.children[Number(at)] ?? cell).scrollIntoView();
}

const language = document.getElementById("language") as HTMLAnchorElement;
for (const kind of ["pointerdown", "focus", "click"]) {
  language.addEventListener(kind, () => {
    language.hash = scrollY > 0 ? place() : "";
  });
}

// Colours

document.getElementById("theme")!.addEventListener("click", () => {
  html.dataset.theme = html.dataset.theme === "dark" ? "light" : "dark";
  keep("theme", html.dataset.theme);
});

// Once the page can be used, lay out the rest, little by little.

const waiting = all(".cell");
function settle(): void {
  for (const cell of waiting.splice(0, 2)) cell.style.contentVisibility = "visible";
  if (waiting.length) idle(settle);
  else html.dataset.settled = "";
}
const idle = window.requestIdleCallback ?? setTimeout;
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
document.getElementById("print")!.addEventListener("click", () => print());

// Search

type Section = { address: string; title: string; page: string; text: string };
declare global {
  interface Window {
    sections?: Section[];
  }
}

/** The text without case and diacritics, letter for letter. */
const fold = (text: string) =>
  text.toLowerCase().replace(/[^\0-\x7f]/g, (c) => (c === "đ" ? "d" : c.normalize("NFD")[0]));

/** Where `words` begin in `text`; words typed with diacritics must have them. */
function find(text: string, words: string): number {
  const plain = fold(words) === words;
  return (plain ? fold(text) : text.toLowerCase()).indexOf(words);
}

/** Sections with all the words, those with the whole phrase first, titles before texts. */
function search(sections: Section[], query: string): Section[] {
  const words = query.split(" ");
  const rank = ({ title, text }: Section) => {
    if (!words.every((word) => find(`${title} ${text}`, word) >= 0)) return 0;
    return 1 + 2 * Number(find(text, query) >= 0) + 4 * Number(find(title, query) >= 0);
  };
  const ranked = sections.map((section) => [rank(section), section] as const);
  return ranked.filter(([rank]) => rank).sort(([a], [b]) => b - a).map(([, section]) => section);
}

/** A line of `text` around the first of `words`, which is marked. */
function excerpt(text: string, query: string): HTMLElement {
  const line = document.createElement("small");
  const hit = [query, ...query.split(" ")].find((words) => find(text, words) >= 0);
  if (!hit) {
    line.append(text.slice(0, 100));
    return line;
  }
  const at = find(text, hit);
  const mark = document.createElement("mark");
  mark.append(text.slice(at, at + hit.length));
  const from = Math.max(0, text.lastIndexOf(" ", Math.max(0, at - 40)));
  line.append(text.slice(from, at), mark, text.slice(at + hit.length, at + hit.length + 60));
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
      const address = new URL(section.address, location.href);
      address.searchParams.set("framework", html.dataset.framework!);
      link.href = address.href;
      link.append(section.title);
      if (section.page !== section.title) {
        // Exercises and solutions have the same sections.
        const page = document.createElement("small");
        page.className = "page";
        page.append(section.page);
        link.append(page);
      }
      link.append(excerpt(section.text, query));
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

export {};
