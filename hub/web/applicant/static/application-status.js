// <application-status src="LINK">: state and letters of a case on a page of its authority.
//
// LINK is the signed link of the case: whoever has it may read. Only links of the hub from which
// this script was loaded are asked for. What the hub answers is shown as text, never as HTML; the
// sentences come from the hub, too. Answering, uploading and withdrawing stay on the hub's own
// page, to which links lead. What stands inside the element is shown until there is an answer.

const WORDS = {}; // The hub writes here what must be said before it has answered.
const EVERY = 60_000;
const AGAIN = { first: 5_000, longest: 300_000 };
const PATIENCE = 20_000;
const UNKNOWN = 404;

const SHEET = new CSSStyleSheet();
SHEET.replaceSync(`
  :host {
    display: block;
    --ground: var(--application-status-ground, light-dark(#ffffff, #1e2125));
    --text: var(--application-status-text, light-dark(#1d2126, #e6e8ea));
    --quiet: var(--application-status-quiet, light-dark(#59616b, #a4acb5));
    --line: var(--application-status-line, light-dark(#dfe2e5, #3f464e));
    --accent: var(--application-status-accent, light-dark(#0b5cad, #77b4f2));
    --on-accent: var(--application-status-on-accent, light-dark(#ffffff, #0f1215));
    --good: var(--application-status-good, light-dark(#1c6b35, #7bc98f));
    --bad: var(--application-status-bad, light-dark(#a31d1d, #f09090));
  }
  :host([hidden]), [hidden] { display: none; }
  * { box-sizing: border-box; }
  .status {
    background: var(--ground); color: var(--text); border: 1px solid var(--line);
    border-radius: .5rem; padding: 1.25rem; line-height: 1.6; overflow-wrap: anywhere;
  }
  p, ul, dl { margin: 0 0 .75rem; }
  h2 { font-size: 1.4em; line-height: 1.25; margin: 0 0 .5rem; }
  h3 { font-size: 1.125em; line-height: 1.3; margin: 1.75rem 0 .5rem; }
  h4 { font-size: 1em; font-weight: inherit; margin: 0; }
  h5 { font-size: 1em; margin: 1.25rem 0 .5rem; }
  .quiet, dt { color: var(--quiet); }
  .notice, .open { border-inline-start: .3rem solid var(--accent); padding-inline-start: 1rem; }
  .notice:empty { display: none; }
  .open { margin-block: 1rem; }
  .notice p, .open p:last-child, .page { margin: 0; }
  .deadline, .progress { font-weight: 600; }
  a, button { color: var(--accent); }
  :focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
  .go {
    display: inline-block; background: var(--accent); color: var(--on-accent); font-weight: 600;
    text-decoration: none; border-radius: .35rem; padding: .55rem 1.2rem;
  }
  ul { list-style: none; padding: 0; border-block-start: 1px solid var(--line); }
  li { padding-block: .7rem; border-block-end: 1px solid var(--line); }
  li > p { margin: 0; }
  button {
    font: inherit; font-weight: 550; text-align: start; cursor: pointer; inline-size: 100%;
    display: flex; gap: .6rem; background: none; border: 0; padding: .25rem 0;
  }
  button::before { content: "+" / ""; font-family: ui-monospace, monospace; }
  button[aria-expanded="true"]::before { content: "−" / ""; }
  button span { text-decoration: underline; text-underline-offset: .15em; flex: 1; }
  .new {
    border: 1px solid; border-radius: 1rem; padding: .02rem .55rem; color: var(--accent);
    font-size: .875em; font-weight: 600; margin-inline-end: .35rem;
  }
  .letter { padding-block-start: .75rem; }
  .letter :is(ul, li) { border: 0; padding-block: .2rem; }
  .progress::before { content: "●" / ""; margin-inline-end: .45em; }
  .on_its_way::before { content: "○" / ""; }
  .handed_over::before { content: "◐" / ""; }
  .stuck::before { content: "▲" / ""; }
  .accepted { color: var(--good); }
  .refused, .discarded { color: var(--bad); }
  .refused::before, .discarded::before { content: "■" / ""; }
  dl { display: flex; flex-wrap: wrap; gap: .35rem 2.5rem; margin-block-start: 1.75rem; }
  dd { margin: 0; }
  @media print { .status { border: 0; padding: 0; } .go, .page, button::before { display: none; } }
`);

class ApplicationStatus extends HTMLElement {
  static observedAttributes = ["src", "lang"];

  #root = this.attachShadow({ mode: "open" });
  #slot = make("slot");
  #notice = make("div.notice", { part: "notice", role: "status" });
  #box = make("div.status", { part: "status" });
  #made = new Map(); // what is shown, by key: what it was made of, and the element
  #letters = new Map(); // those that are open, by id: what the hub said, null while it is asked
  #told = null; // what the hub said of the case
  #failures = 0;
  #due = 0;
  #timer = 0;
  #over = new AbortController();
  #turn = () => (document.hidden ? clearTimeout(this.#timer) : this.#wait(this.#due - Date.now()));

  connectedCallback() {
    this.#root.adoptedStyleSheets = [SHEET];
    this.#root.replaceChildren(this.#slot, this.#box);
    document.addEventListener("visibilitychange", this.#turn);
    this.#begin();
  }

  disconnectedCallback() {
    document.removeEventListener("visibilitychange", this.#turn);
    this.#end();
  }

  attributeChangedCallback(_name, before, after) {
    if (this.#box.isConnected && before !== after) this.#begin();
  }

  #begin() {
    this.#end();
    this.#over = new AbortController();
    this.#failures = 0;
    this.#show("loading");
    this.#wait(0);
  }

  #end() {
    clearTimeout(this.#timer);
    this.#over.abort();
    this.#told = null;
    this.#letters.clear();
  }

  // A page that nobody sees asks nothing; once it is seen again, it asks what is due.
  #wait(time) {
    clearTimeout(this.#timer);
    this.#due = Date.now() + time;
    if (!document.hidden) this.#timer = setTimeout(() => this.#look(this.#over.signal), time);
  }

  async #look(over) {
    const { status, told, after } = await this.#ask("", over);
    if (over.aborted) return;
    if (told) {
      const before = this.#told ?? told;
      this.#told = told;
      this.#failures = 0;
      const known = new Set(before.letters.map((each) => each.id));
      this.#show(told.letters.every((each) => known.has(each.id)) ? "shown" : "new");
      if (!same(before, told)) for (const id of this.#letters.keys()) this.#read(id, over);
      this.#wait(EVERY * (0.9 + Math.random() / 5)); // not all pages at once
    } else if (status === UNKNOWN) {
      this.#end();
      this.#show("link");
    } else {
      const time = Math.min(AGAIN.first * 2 ** this.#failures++, AGAIN.longest);
      this.#show("away");
      this.#wait(Math.max(time * (0.75 + Math.random() / 4), after));
    }
  }

  async #read(id, over) {
    const { status, told } = await this.#ask(`/letters/${id}`, over);
    if (over.aborted || !this.#letters.has(id)) return;
    if (told) this.#letters.set(id, told);
    else if (!this.#letters.get(id)) this.#letters.delete(id);
    this.#show(told ? "shown" : "away");
    if (status === UNKNOWN) this.#wait(0); // the link has expired meanwhile, or the letter is gone
  }

  async #ask(path, over) {
    const hub = new URL(import.meta.url);
    const src = this.getAttribute("src") ?? "";
    const link = URL.canParse(src, hub) ? new URL(src, hub) : null;
    const token = link?.origin === hub.origin && /\/cases\/([^/]+)$/.exec(link.pathname)?.[1];
    if (!token) return { status: UNKNOWN };
    const url = new URL(`v1/cases/${token}${path}`, hub);
    const chosen = known([this.lang]);
    if (chosen) url.searchParams.set("language", chosen);
    const signal = AbortSignal.any([over, AbortSignal.timeout(PATIENCE)]);
    try {
      const answer = await fetch(url, {
        signal, cache: "no-store", credentials: "omit", redirect: "error", referrerPolicy: "no-referrer",
      });
      const after = 1000 * (Number(answer.headers.get("Retry-After")) || 0);
      return { status: answer.status, after, told: answer.ok ? await answer.json() : null };
    } catch {
      return { status: 0, after: 0, told: null };
    }
  }

  // What has not changed stays where it is: the place on the page, what is selected, the focus.
  #show(state) {
    const told = this.#told;
    const around = [this.lang, this.closest("[lang]")?.lang, ...navigator.languages];
    const language = told?.language ?? known(around) ?? "de";
    const words = { ...WORDS[language], ...told?.labels };
    const said = { loading: ["loading"], new: ["new_letter"], away: ["away"], link: ["title", "text"] };
    const sentences = (said[state] ?? []).map((key) => words[`status.${key}`]);
    const focused = this.#root.activeElement?.dataset.key;
    this.#slot.hidden = told !== null || state === "link";
    this.#box.lang = language;
    this.#box.dir = told?.direction ?? words.direction ?? "auto";
    this.#box.ariaBusy = String(state === "loading");
    arrange(this.#notice, sentences.map((text) => this.#part(text, null, () => make("p", text))));
    arrange(this.#box, told ? this.#parts(told, words) : [this.#notice]);
    if (focused && !this.#root.activeElement) {
      this.#root.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus();
    }
  }

  #parts(told, words) {
    const { says, open, next_says, letters, sent, authority, application_id, page } = told;
    const section = (key, title, of, ...content) => this.#part(key, [words, of], () =>
      make("section", { part: key }, make("h3", { part: "heading" }, words[title]), ...content));
    const list = section("letters", "letters.title", !letters.length,
      letters.length ? make("ul") : make("p.quiet", words["letters.none"]));
    if (letters.length) arrange(list.lastChild, letters.map((each) => this.#row(each, words)));
    return [
      this.#part("case", [words, says], () =>
        make("div", make("h2", { part: "title" }, words["case.title"]), make("p", says))),
      this.#notice,
      section("next", "next.title", [open, next_says],
        next_says && make("p", next_says), ...open.map((each) => opened(each, each.letter))),
      list,
      section("sent", "sent.list", sent,
        make("ul", ...sent.map((each) => make("li", make("p", each.says), ...went(each))))),
      this.#part("foot", [words, authority, application_id, page], () => make("div", { part: "foot" },
        make("dl",
          make("div", make("dt", words["case.authority"]), make("dd", make("bdi", { lang: "de" }, authority))),
          make("div", make("dt", words["case.number"]), make("dd", make("bdi", application_id)))),
        make("p.page", link(page, { "data-key": "page", part: "link" }, words["status.page"])))),
    ];
  }

  #row(row, words) {
    const { id, title, direction, language, at, at_says, read, documents } = row;
    const isOpen = this.#letters.has(id);
    const letter = this.#letters.get(id);
    return this.#part(`letter ${id}`, [row, words, isOpen, letter], () => {
      const state = { "data-key": id, "aria-expanded": isOpen, "aria-controls": `letter-${id}` };
      const button = make("button", { type: "button", ...state }, make("span", { lang: language, dir: direction }, title));
      button.addEventListener("click", () => this.#toggle(id));
      return make("li", { part: "letter" },
        make("h4", { part: "letter-title" }, button),
        make("p.quiet", read || letter ? null : make("span.new", words["letter.new"]),
          make("time", { datetime: at }, at_says), documents ? ` · ${words["letter.has_documents"]}` : null),
        make("div.letter", { id: `letter-${id}`, part: "letter-text", hidden: isOpen ? null : "" },
          ...(letter ? body(letter, words) : [make("p.quiet", words["status.loading"])])));
    });
  }

  #toggle(id) {
    if (!this.#letters.delete(id)) {
      this.#letters.set(id, null);
      this.#read(id, this.#over.signal);
    }
    this.#show("shown");
  }

  #part(key, of, build) {
    const had = this.#made.get(key);
    if (!had || !same(had.of, of)) this.#made.set(key, { of, element: build() });
    return this.#made.get(key).element;
  }
}

function body({ id, parts, documents, open, answered }, words) {
  return [
    ...parts.map(({ language, direction, heading, paragraphs }) => make("div", { lang: language, dir: direction },
      heading && make("h5", heading),
      ...paragraphs.map((lines) => make("p", ...lines.flatMap((line, at) => (at ? [make("br"), line] : [line])))))),
    documents.length ? make("h5", words["letter.documents"]) : null,
    documents.length ? make("ul", ...documents.map(({ name, page, size_says, gone_says, ...document }) => make("li",
      page ? link(page, { "data-key": document.id, part: "document" }, make("bdi", name)) : make("bdi", name),
      " ", make("bdi.quiet", size_says), gone_says && make("p.quiet", gone_says)))) : null,
    open && opened(open, `open ${id}`),
    ...(answered && !open ? [make("h5", words["answer.given"]), ...went(answered)] : []),
  ];
}

function opened({ says, deadline_says, go_says, page }, key) {
  return make("div.open", { part: "open" }, make("p", make("strong", says)),
    deadline_says && make("p.deadline", deadline_says),
    make("p", link(page, { class: "go", part: "button", "data-key": `go ${key}` }, go_says)));
}

function went({ progress, progress_says, means, at, at_says }) {
  const isExplained = ["refused", "stuck", "discarded"].includes(progress);
  const when = make("p.quiet", make("time", { datetime: at }, at_says));
  return [make(`p.progress.${progress}`, progress_says), isExplained ? make("p", means) : null, when];
}

function link(page, properties, ...content) {
  const href = new URL(page, import.meta.url).href;
  return make("a", { href, referrerpolicy: "no-referrer", ...properties }, ...content);
}

// An element: name and classes, perhaps attributes, content. Texts become text, whatever they say.
function make(named, ...content) {
  const [name, ...classes] = named.split(".");
  const element = document.createElement(name);
  element.classList.add(...classes);
  for (const each of content) {
    if (typeof each === "string" || each instanceof Node) element.append(each);
    else for (const [key, value] of Object.entries(each ?? {})) if (value !== null) element.setAttribute(key, value);
  }
  return element;
}

// Makes these the children, and moves none that is in its place already.
function arrange(parent, children) {
  children.forEach((each, at) => {
    if (parent.childNodes[at] !== each) parent.insertBefore(each, parent.childNodes[at] ?? null);
  });
  while (parent.childNodes.length > children.length) parent.lastChild.remove();
}

function known(languages) {
  return languages.map((each) => each?.slice(0, 2).toLowerCase()).find((each) => each in WORDS);
}

function same(one, other) {
  return JSON.stringify(one) === JSON.stringify(other);
}

customElements.define("application-status", ApplicationStatus);
