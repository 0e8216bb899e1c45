// <lesson-explorer data-optimizers="gd …" data-sliders="eta …" data-words="{…}"
// data-page="…-explorer.html">: optimizers in one valley, to play with. The words are
// those of web/strings.yml in the page's language. With data-alone it is a page by
// itself, whose address holds the settings.

import { OPTIMIZERS, loss, trace, type Optimizer, type Settings, type State } from "./optimizers";

const START: Settings = { eta: 0.4, beta: 0.9, gamma: 0.9, eps: 1e-6, x1: -5, x2: -2, steps: 20, rotated: false };
const LEVELS = [0.05, 0.3, 1, 2.5, 5, 9, 14, 20];
const TICK = 150; // ms between two steps of a play

// lowest and highest value, step; eps is a power of ten
const SLIDERS = {
  eta: [0.01, 1, 0.01],
  beta: [0, 0.99, 0.01],
  gamma: [0, 0.99, 0.01],
  eps: [-10, 1, 0.5],
  x1: [-5.5, 5.5, 0.1],
  x2: [-3, 3, 0.1],
  steps: [1, 100, 1],
} as const;
type Name = keyof typeof SLIDERS;

const clamp = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value));

/** A number as a person would write it, `lang` says with which decimal sign. */
function show(value: number, lang: string, digits = 3): string {
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e5)) {
    const [head, power] = value.toExponential(1).split("e");
    return `${show(Number(head), lang)}e${Number(power)}`.replace("-", "−");
  }
  const options = { maximumSignificantDigits: digits, maximumFractionDigits: digits };
  return value.toLocaleString(lang, options).replace("-", "−");
}

function contours(rotated: boolean): string {
  const [flat, steep, angle] = rotated ? [0.2, 4, -45] : [0.1, 2, 0];
  return LEVELS.map(
    (level) => `<ellipse rx="${Math.sqrt(level / flat)}" ry="${Math.sqrt(level / steep)}" transform="rotate(${angle})"/>`,
  ).join("");
}

/** The settings that an address asks for; what it does not name or cannot have is left out. */
function asked(query: string): Partial<Settings> {
  const found: Partial<Settings> = {};
  const given = new URLSearchParams(query);
  for (const name of Object.keys(SLIDERS) as Name[]) {
    const value = Number(given.get(name) || NaN);
    const [low, high] = name === "eps" ? [1e-10, 10] : SLIDERS[name];
    if (Number.isFinite(value)) found[name] = clamp(value, low, high);
  }
  if (found.steps) found.steps = Math.round(found.steps);
  if (given.has("rotated")) found.rotated = given.get("rotated") === "1";
  return found;
}

class Explorer extends HTMLElement {
  settings: Settings = { ...START };
  traces = {} as Record<Optimizer, State[]>;
  /** The number of the step that is shown. */
  shown = START.steps;
  private words: Record<string, string> = {};
  private lang_ = "en";
  private timer = 0;
  private optimizers: Optimizer[] = [];
  private names: Name[] = [];

  connectedCallback(): void {
    this.words = JSON.parse(this.dataset.words!);
    this.lang_ = document.documentElement.lang;
    const chosen = <T extends string>(list: string, known: readonly T[]) =>
      known.filter((name) => list.split(" ").includes(name));
    this.optimizers = chosen(this.dataset.optimizers!, OPTIMIZERS);
    this.names = chosen(this.dataset.sliders!, Object.keys(SLIDERS) as Name[]);
    this.build();
    this.change("alone" in this.dataset ? asked(location.search) : {});
    this.report();
  }

  disconnectedCallback(): void {
    this.pause();
  }

  private find<T extends Element>(selector: string): T {
    return this.querySelector<T>(selector)!;
  }

  private build(): void {
    const w = this.words;
    const button = (name: string) => `<button type="button" data-do="${name}">${w[name]}</button>`;
    this.innerHTML = `
<h2 id="explorer">${w.title}</h2>
<p>${w.about}</p>
<div class="panels">${this.optimizers
      .map(
        (name) => `<figure class="${name}"><figcaption>${w[name]}</figcaption>
<svg viewBox="-5.9 -3.4 11.8 6.8" aria-hidden="true"><g class="contours"></g>
<path class="star" d="M-.2 0h.4M0-.2v.4"/><polyline/><path class="dots"/>
<circle class="start" r=".2"/><circle class="grip" r=".8"/></svg></figure>`,
      )
      .join("")}</div>
<p class="buttons">${["play", "step", "reset"].map(button).join("")}
<label><input type="checkbox" name="rotated"> ${w.rotated}</label></p>
<div class="sliders">${this.names
      .map((name) => {
        const [low, high, step] = SLIDERS[name];
        return `<div><label for="explorer-${name}">${w[name]}</label><span aria-hidden="true"></span>
<input type="range" id="explorer-${name}" name="${name}" min="${low}" max="${high}" step="${step}"></div>`;
      })
      .join("")}</div>
<p class="said" aria-hidden="true"></p><p role="status" class="unseen"></p>
<details><summary></summary><div class="scroll"><table><thead><tr><th scope="col">${w.optimizer}</th><th scope="col">x</th><th scope="col">s</th><th scope="col"><abbr title="${w.length}">Δx</abbr></th></tr></thead>
<tbody>${this.optimizers
      .map((name) => `<tr class="${name}"><th scope="row">${w[name]}</th><td></td><td></td><td></td></tr>`)
      .join("")}</tbody></table></div></details>
<details class="share"><summary>${w.share}</summary><p><a>${w.link}</a></p><p>${w.embed}:</p>
<div class="source"><pre class="code" tabindex="0"><code></code></pre></div></details>`;
    this.addEventListener("input", (event) => this.read(event.target as HTMLInputElement));
    this.addEventListener("change", () => this.report());
    this.addEventListener("click", (event) => {
      const action = (event.target as HTMLElement).dataset.do;
      if (action === "play") this.timer ? this.pause() : this.play();
      if (action === "step") {
        this.pause();
        this.advance();
        this.report();
      }
      if (action === "reset") {
        this.change({ ...START });
        this.report();
      }
    });
    for (const grip of this.querySelectorAll<SVGCircleElement>(".grip")) {
      grip.addEventListener("pointerdown", (event) => grip.setPointerCapture(event.pointerId));
      grip.addEventListener("pointermove", (event) => {
        if (grip.hasPointerCapture(event.pointerId)) this.drag(grip, event);
      });
      grip.addEventListener("pointerup", () => this.report());
    }
  }

  private drag(grip: SVGCircleElement, event: PointerEvent): void {
    const inverse = grip.ownerSVGElement!.getScreenCTM()!.inverse();
    const { x, y } = new DOMPoint(event.clientX, event.clientY).matrixTransform(inverse);
    const within = (value: number, name: Name) =>
      Math.round(10 * clamp(value, SLIDERS[name][0], SLIDERS[name][1])) / 10;
    this.change({ x1: within(x, "x1"), x2: within(-y, "x2") });
  }

  private read({ name, value, checked }: HTMLInputElement): void {
    if (name === "rotated") this.change({ rotated: checked });
    else this.change({ [name]: name === "eps" ? 10 ** Number(value) : Number(value) });
  }

  /** Take over settings and show all steps of the new runs. */
  private change(settings: Partial<Settings>): void {
    this.pause();
    Object.assign(this.settings, settings);
    this.shown = this.settings.steps;
    for (const name of this.optimizers) this.traces[name] = trace(name, this.settings);
    for (const name of this.names) {
      const value = this.settings[name];
      const slider = this.find<HTMLInputElement>(`[name=${name}]`);
      slider.value = String(name === "eps" ? Math.log10(value) : value);
      const text = show(value, this.lang_);
      slider.setAttribute("aria-valuetext", text);
      slider.previousElementSibling!.textContent = text;
    }
    this.find<HTMLInputElement>("[name=rotated]").checked = this.settings.rotated;
    for (const group of this.querySelectorAll(".contours")) group.innerHTML = contours(this.settings.rotated);
    this.draw();
  }

  private draw(): void {
    const { x1, x2 } = this.settings;
    for (const circle of this.querySelectorAll("circle")) {
      circle.setAttribute("cx", String(x1));
      circle.setAttribute("cy", String(-x2));
    }
    for (const name of this.optimizers) {
      const points = this.traces[name]
        .slice(0, this.shown + 1)
        .map(({ x }) => x.map((value, i) => +clamp(i ? -value : value, -99, 99).toFixed(4)));
      this.find(`.${name} polyline`).setAttribute("points", points.join(" "));
      this.find(`.${name} .dots`).setAttribute("d", points.map((point) => `M${point}h0`).join(""));
      const { x, s, step } = this.traces[name][this.shown];
      const cells = this.querySelectorAll(`tr.${name} td`);
      [x, name === "gd" ? null : s, step].forEach((pair, i) => {
        const lines = pair ? pair.map((value) => show(value, this.lang_)) : ["–"];
        cells[i].innerHTML = lines.map((line) => `<span>${line}</span>`).join("");
      });
    }
    this.find("summary").textContent = this.words.values.replace("{t}", String(this.shown));
    this.find(".said").textContent = this.sentence();
  }

  /** What the picture shows, in words. */
  private sentence(): string {
    const w = this.words;
    const height = (name: Optimizer) => loss(this.traces[name][this.shown].x, this.settings.rotated);
    const points = this.optimizers.map((name) => {
      const { x } = this.traces[name][this.shown];
      if (Math.hypot(...x) > 1000) return w.lost.replace("{name}", w[name]);
      const values: Record<string, string> = { name: w[name], f: show(height(name), this.lang_, 2) };
      x.forEach((value, i) => (values[`x${i + 1}`] = show(value, this.lang_, 2)));
      return w.at.replace(/\{(\w+)\}/g, (_, key) => values[key]);
    });
    const best = this.optimizers.reduce((a, b) => (height(b) < height(a) ? b : a));
    const values: Record<string, string> = { t: String(this.shown), points: points.join("; "), best: w[best] };
    return w.summary.replace(/\{(\w+)\}/g, (_, key) => values[key]);
  }

  /** When a change is over: say it to those who listen, and put it into the address. */
  private report(): void {
    this.find("[role=status]").textContent = this.sentence();
    const page = new URL(this.dataset.page!, location.href);
    for (const name of this.names) page.searchParams.set(name, String(+this.settings[name].toPrecision(6)));
    if (this.settings.rotated) page.searchParams.set("rotated", "1");
    page.hash = "";
    this.find<HTMLAnchorElement>(".share a").href = page.href;
    const frame = `<iframe src="${page.href.replaceAll("&", "&amp;")}" title="${this.words.title}" width="720" height="760"></iframe>`;
    this.find(".share code").textContent = frame;
    if (!("alone" in this.dataset)) return;
    try {
      history.replaceState(history.state, "", page);
    } catch {
      // From a disk, some browsers do not let a page change its address.
    }
  }

  private advance(): void {
    this.shown = this.shown < this.settings.steps ? this.shown + 1 : 1;
    this.draw();
  }

  private play(): void {
    this.shown = this.shown < this.settings.steps ? this.shown : 0;
    this.find("[data-do=play]").textContent = this.words.pause;
    this.timer = window.setInterval(() => {
      this.advance();
      if (this.shown === this.settings.steps) {
        this.pause();
        this.report();
      }
    }, TICK);
  }

  private pause(): void {
    clearInterval(this.timer);
    this.timer = 0;
    this.find("[data-do=play]").textContent = this.words.play;
  }
}

customElements.define("lesson-explorer", Explorer);
