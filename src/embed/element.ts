import type { Answer, Call, Event, EventName, Events, Init, Said, Theme } from "./protocol.ts";

export type { EventName, Events, Theme };

/*
 * The one script that a host page loads: a few kilobytes without dependencies. What stands inside the
 * element is its poster, and all that is seen without scripts, in print and in a feed.
 */

const VERSION = 1;
/** Attributes that the frame's address is made of: another value is another frame. */
const ADDRESS = ["lesson", "step", "world", "view", "run", "at", "seed", "lang", "readonly"];
/** Where this script is: the frame's page is beside it. (As it stands there a bundler would look for the file.) */
const HERE = import.meta.url;
const DEFAULT_HEIGHT = 420;
const LABEL = "Run it here";

/** Constructed, not written into the page: a strict content security policy lets it be. */
const STYLE = `
:host { display: block; position: relative; contain: layout; }
:host([hidden]) { display: none; }
iframe { position: absolute; inset: 0; width: 100%; height: 100%; border: 0; border-radius: inherit; visibility: hidden; color-scheme: normal; }
.on iframe { visibility: visible; }
.on slot { visibility: hidden; }
slot { display: block; }
button { position: absolute; right: 12px; bottom: 12px; padding: 8px 14px; border: 0; border-radius: 6px;
  background: #0a69a8; color: #fff; font: 600 14px/1.3 system-ui, sans-serif; cursor: pointer; }
button:hover { background: #08578c; }
button:focus-visible { outline: 2px solid #0a69a8; outline-offset: 2px; }
button[hidden] { display: none; }
@media print { iframe, button { display: none; } .on slot { visibility: visible; } }
@media (forced-colors: active) { button { border: 1px solid; } }
`;

interface Waiting {
  done: (value: string | null) => void;
  fail: (error: Error) => void;
}

/** Of ADL's vocabulary of xAPI (https://registry.tincanapi.com). */
const VERBS: Partial<Record<EventName, string>> = {
  ready: "initialized",
  step: "progressed",
  attempted: "attempted",
  passed: "passed",
  completed: "completed",
};

/** What each event carries, and what that has to be; "?" after it: or null. */
const FIELDS: Record<EventName, Record<string, string>> = {
  ready: { world: "string", lesson: "string?", storage: "boolean" },
  resize: { height: "number" },
  step: { lesson: "string", step: "number", steps: "number", title: "string" },
  attempted: { lesson: "string", step: "number" },
  passed: { lesson: "string", step: "number", task: "string" },
  completed: { lesson: "string" },
  hint: { lesson: "string", step: "number", task: "string" },
  error: { message: "string" },
};
/** Higher than this, CSS pixels, no frame wants to be. */
const HIGHEST = 10_000;

function isText(value: unknown): value is string | null {
  return value === null || typeof value === "string";
}

/** What the frame said, without whatever else came along; null when it makes no sense. */
function heard(data: unknown): Event | Answer | null {
  if (typeof data !== "object" || data === null) return null;
  const message = data as Record<string, unknown>;
  const { type, id, value, error } = message;
  if (type === "answer")
    return typeof id === "number" && isText(value) && isText(error)
      ? { type, id, value, error }
      : null;
  if (typeof type !== "string" || !Object.hasOwn(FIELDS, type)) return null;
  const event: Record<string, unknown> = { type };
  for (const [name, kind] of Object.entries(FIELDS[type as EventName])) {
    const given = message[name];
    const fits = typeof given === kind.replace("?", "") || (given === null && kind.endsWith("?"));
    if (!fits || (typeof given === "number" && !(given >= 0 && given <= HIGHEST))) return null;
    event[name] = given;
  }
  return event as unknown as Event;
}

/** The element's own events come first: some names are also those of others. */
type Listens = (<N extends EventName>(
  type: N,
  listener: (event: CustomEvent<Events[N] & Said>) => void,
  options?: boolean | AddEventListenerOptions,
) => void) &
  HTMLElement["addEventListener"];

/**
 * `<hop-scope>`: a lesson, or a world, in a frame of its own. Children stay in the page until the frame is
 * ready, and for whoever gets no frame.
 */
export class HopScope extends HTMLElement {
  static observedAttributes: string[] = [...ADDRESS, "state", "theme", "height", "start", "label"];

  declare addEventListener: Listens;

  private box: HTMLElement;
  private button: HTMLButtonElement;
  private frame: HTMLIFrameElement | null = null;
  private port: MessagePort | null = null;
  private observer: IntersectionObserver | null = null;
  private waiting: Map<number, Waiting> = new Map();
  /** Called when the frame is ready, or when it is gone. */
  private starting: Waiting[] = [];
  private isReady = false;
  private queued = false;
  private grumbled = false;
  private nextId = 1;

  constructor() {
    super();
    const root = this.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    root.adoptedStyleSheets = [sheet];
    this.box = document.createElement("div");
    this.button = document.createElement("button");
    this.button.type = "button";
    this.button.part.add("start");
    this.button.addEventListener("click", () => void this.start().catch(() => {}));
    this.box.append(document.createElement("slot"), this.button);
    root.append(this.box);
  }

  connectedCallback(): void {
    addEventListener("message", this.hear);
    this.size();
    this.arm();
  }

  disconnectedCallback(): void {
    removeEventListener("message", this.hear);
    this.end("the element left its page");
  }

  attributeChangedCallback(name: string, before: string | null, after: string | null): void {
    if (before === after || !this.isConnected) return;
    if (name === "theme") {
      if (this.isReady) void this.setTheme(this.theme).catch(() => {});
    } else if (name === "height") this.size();
    else if (name === "start" || name === "label") {
      if (!this.frame) this.arm();
    } else if (this.frame && !this.queued) {
      // Several attributes that change together make one new frame.
      this.queued = true;
      queueMicrotask(() => {
        this.queued = false;
        if (!this.frame) return;
        this.end("its attributes changed");
        void this.start().catch(() => {});
      });
    }
  }

  /** Makes the frame now, whatever the attribute `start` says; done when it is ready. */
  start(): Promise<void> {
    return new Promise((resolve, fail) => {
      if (this.isReady) return resolve();
      this.starting.push({ done: () => resolve(), fail });
      if (this.frame) return;
      this.observer?.disconnect();
      this.button.hidden = true;
      const frame = document.createElement("iframe");
      const address = this.address();
      // On its own origin a sandbox that allows scripts and that origin would hold nobody.
      if (address.origin !== location.origin)
        frame.setAttribute("sandbox", "allow-scripts allow-same-origin allow-downloads");
      frame.allow = "clipboard-write";
      frame.title = this.getAttribute("label") ?? `Hopscope: ${this.subject()}`;
      frame.src = address.href;
      this.frame = frame;
      this.box.append(frame);
    });
  }

  /** Types lines in a terminal; a line `HOST# COMMAND` goes to that host's. */
  async run(commands: string, at = ""): Promise<void> {
    await this.call({ type: "run", commands, at });
  }

  /** The same world and step again, from the first moment. */
  async reset(): Promise<void> {
    await this.call({ type: "reset" });
  }

  async setTheme(theme: Theme): Promise<void> {
    await this.call({ type: "setTheme", theme });
  }

  /** A moment of the past, in seconds of virtual time; null: the present. */
  async seek(seconds: number | null): Promise<void> {
    await this.call({ type: "seek", seconds });
  }

  /** All that was done, as text that setState and a link's `#s=` take. */
  async getState(): Promise<string> {
    return (await this.call({ type: "getState" })) ?? "";
  }

  async setState(state: string): Promise<void> {
    await this.call({ type: "setState", state });
  }

  private get theme(): Theme {
    const theme = this.getAttribute("theme");
    return theme === "dark" || theme === "light" ? theme : "auto";
  }

  private subject(): string {
    return this.getAttribute("lesson") ?? this.getAttribute("world") ?? "a small network";
  }

  private address(): URL {
    const address = new URL("./index.html", HERE);
    for (const name of ADDRESS) {
      const value = this.getAttribute(name);
      if (value !== null) address.searchParams.set(name, value);
    }
    // Who says nothing means the language of the page around it.
    const lang = this.closest("[lang]")?.getAttribute("lang");
    if (lang) address.searchParams.set("lang", lang);
    address.searchParams.set("theme", this.theme);
    address.searchParams.set("host", location.origin);
    const state = this.getAttribute("state");
    if (state) address.hash = `s=${state}`;
    return address;
  }

  /** At least so high: what stands inside may need more, and then nothing moves when the frame comes. */
  private size(height = Number.parseInt(this.getAttribute("height") ?? "", 10)): void {
    this.style.minHeight = `${height > 0 ? height : DEFAULT_HEIGHT}px`;
  }

  /** When it starts by itself. */
  private arm(): void {
    this.observer?.disconnect();
    const when = this.getAttribute("start") ?? "visible";
    this.button.textContent = `▶ ${this.getAttribute("label") ?? LABEL}`;
    this.button.hidden = when !== "click" || this.frame !== null;
    if (when === "click") return;
    const start = (): void => void this.start().catch(() => {});
    if (when === "now") return start();
    this.observer = new IntersectionObserver(
      (entries) => {
        if (entries.some((entry) => entry.isIntersecting)) start();
      },
      { rootMargin: "200px" },
    );
    this.observer.observe(this);
  }

  private end(why: string): void {
    this.observer?.disconnect();
    this.port?.close();
    this.port = null;
    this.frame?.remove();
    this.frame = null;
    this.isReady = false;
    this.box.className = "";
    const error = new Error(why);
    for (const one of [...this.starting.splice(0), ...this.waiting.values()]) one.fail(error);
    this.waiting.clear();
  }

  /** Said once: whoever says what makes no sense may say it a thousand times. */
  private grumble(what: string): void {
    if (this.grumbled) return;
    this.grumbled = true;
    console.warn(`<hop-scope> ignores a message of its frame that makes no sense: ${what}`);
  }

  /** The frame's first word; whoever else speaks is not heard. */
  private hear = (event: MessageEvent): void => {
    const { frame } = this;
    if (!frame || event.source !== frame.contentWindow) return;
    const { origin } = new URL(frame.src);
    const data = event.data as { type?: unknown; v?: unknown } | null | undefined;
    if (event.origin !== origin) return this.grumble(`it is of ${event.origin}`);
    if (data?.type !== "hopscope:hello") return this.grumble("it is no greeting");
    if (data.v !== VERSION) {
      if (!this.grumbled)
        this.tell({ type: "error", message: "The frame speaks another version." });
      return this.grumble("it is of another version");
    }
    this.port?.close();
    const { port1, port2 } = new MessageChannel();
    this.port = port1;
    port1.onmessage = ({ data: said }) => {
      const message = heard(said);
      if (message) this.take(message);
      else this.grumble("there is no such event or answer");
    };
    port1.onmessageerror = () => this.grumble("it cannot be read");
    const init: Init = { type: "hopscope:init", v: VERSION };
    frame.contentWindow?.postMessage(init, origin, [port2]);
  };

  private take(message: Event | Answer): void {
    if (message.type === "answer") {
      const waiting = this.waiting.get(message.id);
      if (!waiting) return this.grumble("nothing was asked");
      this.waiting.delete(message.id);
      if (message.error === null) waiting.done(message.value);
      else waiting.fail(new Error(message.error));
      return;
    }
    if (message.type === "ready") {
      this.isReady = true;
      this.box.className = "on";
      for (const one of this.starting.splice(0)) one.done(null);
    }
    if (message.type === "resize" && this.getAttribute("height") === "auto")
      this.size(message.height);
    this.tell(message);
  }

  private tell({ type, ...rest }: Event): void {
    const verb = VERBS[type] ? `http://adlnet.gov/expapi/verbs/${VERBS[type]}` : "";
    this.dispatchEvent(new CustomEvent(type, { detail: { ...rest, verb } }));
  }

  private async call(call: Call): Promise<string | null> {
    await this.start();
    return new Promise((done, fail) => {
      const id = this.nextId++;
      this.waiting.set(id, { done, fail });
      this.port?.postMessage({ ...call, id });
    });
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "hop-scope": HopScope;
  }
}

// Two copies of this script on a page are one element.
if (!customElements.get("hop-scope")) customElements.define("hop-scope", HopScope);
