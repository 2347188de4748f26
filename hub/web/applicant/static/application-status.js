// <application-status src="LINK">: state and letters of a case on a page of its authority.
//
// LINK is the signed link of the case: whoever has it may read. Only links of the hub from which
// this script was loaded are asked for. What the hub answers is shown as text, never as HTML; the
// sentences come from the hub, too. Answering, uploading and withdrawing stay on the hub's own
// page, to which links lead. What stands inside the element is shown until there is an answer.

// The hub fills these in as it serves the script (hub/web/applicant/script.py).
const WORDS = {}; // what must be said before the hub has answered, by language
const STYLE = ""; // application-status.css
const HUB = new URL(import.meta.url);
const [EVERY, FIRST_AGAIN, LONGEST_AGAIN, PATIENCE] = [60_000, 5_000, 300_000, 20_000]; // ms
const SAID = { loading: ["loading"], new: ["new_letter"], away: ["away"], link: ["title", "text"] };

const known = (languages) =>
  languages.map((each) => each?.slice(0, 2).toLowerCase()).find((each) => each in WORDS);
const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

const SHEET = new CSSStyleSheet();
SHEET.replaceSync(STYLE);

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
      const had = new Set(before.letters.map((each) => each.id));
      this.#show(told.letters.every((each) => had.has(each.id)) ? "shown" : "new");
      if (!same(before, told)) for (const id of this.#letters.keys()) this.#read(id, over);
      this.#wait(EVERY * (0.9 + Math.random() / 5)); // not all pages at once
    } else if (status === 404) {
      this.#end();
      this.#show("link");
    } else {
      const time = Math.min(FIRST_AGAIN * 2 ** this.#failures++, LONGEST_AGAIN);
      this.#show("away");
      this.#wait(Math.max(time * (0.75 + Math.random() / 4), after));
    }
  }

  async #read(id, over) {
    const { status, told } = await this.#ask(`/letters/${id}`, over);
    if (over.aborted || !this.#letters.has(id)) return;
    if (told) this.#letters.set(id, told);
    else if (!this.#letters.get(id)) this.#letters.delete(id);
    this.#show(told ? undefined : "away");
    if (status === 404) this.#wait(0); // the link has expired meanwhile, or the letter is gone
  }

  async #ask(path, over) {
    const src = this.getAttribute("src") ?? "";
    const link = URL.canParse(src, HUB) ? new URL(src, HUB) : null;
    const token = link?.origin === HUB.origin && /\/cases\/([^/]+)$/.exec(link.pathname)?.[1];
    if (!token) return { status: 404 };
    const url = new URL(`v1/cases/${token}${path}`, HUB);
    const chosen = known([this.lang]);
    if (chosen) url.searchParams.set("language", chosen);
    const signal = AbortSignal.any([over, AbortSignal.timeout(PATIENCE)]);
    try {
      const quietly = { credentials: "omit", redirect: "error", referrerPolicy: "no-referrer" };
      const answer = await fetch(url, { signal, cache: "no-store", ...quietly });
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
    const focused = this.#root.activeElement?.dataset.key;
    this.#slot.hidden = told !== null || state === "link";
    this.#box.lang = language;
    this.#box.dir = told?.direction ?? words.direction ?? "auto";
    if (state) {
      const sentences = (SAID[state] ?? []).map((key) => words[`status.${key}`]);
      arrange(this.#notice, sentences.map((said) => this.#part(said, null, () => make("p", said))));
      this.#box.ariaBusy = String(state === "loading");
    }
    arrange(this.#box, told ? this.#parts(told, words) : [this.#notice]);
    if (focused && !this.#root.activeElement) {
      this.#root.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus();
    }
  }

  #parts(told, words) {
    const { says, open, next_says, letters, sent, authority, application_id, page } = told;
    const section = (key, title, of, ...content) =>
      this.#part(key, [words, of], () => {
        const heading = make("h3", { part: "heading" }, words[title]);
        return make("section", { part: key }, heading, ...content);
      });
    const named = (label, value) => make("div", make("dt", words[label]), make("dd", value));
    const list = section("letters", "letters.title", !letters.length,
      letters.length ? make("ul") : make("p.quiet", words["letters.none"]));
    if (letters.length) arrange(list.lastChild, letters.map((each) => this.#row(each, words)));
    return [
      this.#part("case", [words, says], () =>
        make("div", make("h2", { part: "title" }, words["case.title"]), make("p", says)),
      ),
      this.#notice,
      section(
        "next", "next.title", [open, next_says],
        next_says && make("p", next_says),
        ...open.map((each) => opened(each, each.letter)),
      ),
      list,
      section(
        "sent", "sent.list", sent,
        make("ul", ...sent.map((each) => make("li", make("p", each.says), ...went(each)))),
      ),
      this.#part("foot", [words, authority, application_id, page], () =>
        make(
          "div", { part: "foot" },
          make(
            "dl",
            named("case.authority", make("bdi", { lang: "de" }, authority)),
            named("case.number", make("bdi", application_id)),
          ),
          make("p.page", link(page, { "data-key": "page", part: "link" }, words["status.page"])),
        ),
      ),
    ];
  }

  #row(row, words) {
    const { id, title, direction, language, at, at_says, read, documents } = row;
    const isOpen = this.#letters.has(id);
    const letter = this.#letters.get(id);
    return this.#part(`letter ${id}`, [row, words, isOpen, letter], () => {
      const state = { "data-key": id, "aria-expanded": isOpen, "aria-controls": `letter-${id}` };
      const name = make("span", { lang: language, dir: direction }, title);
      const button = make("button", { type: "button", ...state }, name);
      button.addEventListener("click", () => this.#toggle(id));
      const isNew = !read && !letter;
      return make(
        "li.row", { part: "letter" },
        make("h4", { part: "letter-title" }, button),
        make(
          "p.quiet",
          isNew && make("span.new", words["letter.new"]),
          make("time", { datetime: at }, at_says),
          documents > 0 && ` · ${words["letter.has_documents"]}`,
        ),
        make(
          "div.letter",
          { id: `letter-${id}`, part: "letter-text", hidden: isOpen ? null : "" },
          ...(letter ? body(letter, words) : [make("p.quiet", words["status.loading"])]),
        ),
      );
    });
  }

  #toggle(id) {
    const wasOpen = this.#letters.delete(id);
    if (!wasOpen) this.#letters.set(id, null);
    this.#show();
    if (!wasOpen) this.#read(id, this.#over.signal);
  }

  #part(key, of, build) {
    const had = this.#made.get(key);
    if (!had || !same(had.of, of)) this.#made.set(key, { of, element: build() });
    return this.#made.get(key).element;
  }
}

function body({ id, parts, documents, open, answered }, words) {
  return [
    ...parts.map(({ language, direction, heading, paragraphs }) =>
      make(
        "div", { lang: language, dir: direction },
        heading && make("h5", heading),
        ...paragraphs.map((lines) =>
          make("p", ...lines.flatMap((line, at) => (at ? [make("br"), line] : [line]))),
        ),
      ),
    ),
    documents.length > 0 && make("h5", words["letter.documents"]),
    documents.length > 0 && make("ul", ...documents.map(enclosed)),
    open && opened(open, `open ${id}`),
    ...(answered && !open ? [make("h5", words["answer.given"]), ...went(answered)] : []),
  ];
}

function enclosed({ id, name, page, size_says, gone_says }) {
  return make(
    "li",
    page ? link(page, { "data-key": id, part: "document" }, make("bdi", name)) : make("bdi", name),
    " ",
    make("bdi.quiet", size_says),
    gone_says && make("p.quiet", gone_says),
  );
}

function opened({ says, deadline_says, go_says, page }, key) {
  const go = link(page, { class: "go", part: "button", "data-key": `go ${key}` }, go_says);
  return make(
    "div.open", { part: "open" },
    make("p", make("strong", says)),
    deadline_says && make("p.deadline", deadline_says),
    make("p", go),
  );
}

function went({ progress, progress_says, means, at, at_says }) {
  return [
    make(`p.progress.${progress}`, progress_says),
    ["refused", "stuck", "discarded"].includes(progress) && make("p", means),
    make("p.quiet", make("time", { datetime: at }, at_says)),
  ];
}

function link(page, more, ...content) {
  return make("a", { href: new URL(page, HUB), referrerpolicy: "no-referrer", ...more }, ...content);
}

// An element: name and classes, then attributes or content; null and false are nothing. Texts
// become text, whatever they say.
function make(named, ...content) {
  const [name, ...classes] = named.split(".");
  const element = document.createElement(name);
  element.classList.add(...classes);
  for (const each of content) {
    if (typeof each === "string" || each instanceof Node) element.append(each);
    else for (const key in each) if (each[key] !== null) element.setAttribute(key, each[key]);
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

customElements.define("application-status", ApplicationStatus);
