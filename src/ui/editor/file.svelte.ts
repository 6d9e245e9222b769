import { fill } from "../../base/words.ts";
import type { EditRequest, FileLanguage, Preview, Problem } from "../../worker/protocol.ts";
import type { App } from "../state/app.svelte.ts";
import type { Machine } from "../state/machine.svelte.ts";
import type { Tabs } from "../terminal/tabs.svelte.ts";
import { editorText as words } from "../text/editor.ts";
import type { Service } from "./port.ts";

/** From the last key to the check, ms. */
const PATIENCE = 200;
/** For the prompt to come back when the editor has been closed, ms. */
const PROMPT = 120;

const PLAIN: FileLanguage = { name: "plain", words: {}, command: null, terminal: 0 };

/** A file of a machine while it is edited: what is wrong with it, and what becomes of it. */
export class EditedFile implements Service {
  app: App;
  request: EditRequest;
  /** Those of the course that the file is of, whatever is shown later. */
  machine: Machine;
  tabs: Tabs;
  language = $state.raw<FileLanguage>(PLAIN);
  problems = $state.raw<Problem[]>([]);
  /** The problems are those of the text as it is. */
  checked = $state(false);
  uncheckable = $state(false);
  dirty = $state(false);
  status = $state("");
  everSaved = false;
  /** Counts the texts that were to be checked: the newest wins. */
  turn = 0;
  timer: ReturnType<typeof setTimeout> | undefined;
  /** Told what is wrong, whenever that is known. */
  onProblems: (problems: readonly Problem[]) => void = () => {};

  constructor(app: App, request: EditRequest) {
    this.app = app;
    this.request = request;
    this.machine = app.machine;
    this.tabs = app.tabs;
  }

  async load(): Promise<void> {
    const { id, text } = this.request;
    const found = await this.ask(() => this.machine.engine.api.language(id, text));
    if (found) this.language = found;
  }

  /** A question that the world can do without: no answer is no failure of the machine. */
  async ask<T>(question: () => Promise<T>): Promise<T | null> {
    if (this.machine.failure) return null;
    try {
      return await question();
    } catch {
      return null;
    }
  }

  complete(text: string, offset: number): ReturnType<Service["complete"]> {
    return this.ask(() => this.machine.engine.api.complete(this.request.id, text, offset));
  }

  hover(text: string, offset: number): ReturnType<Service["hover"]> {
    return this.ask(() => this.machine.engine.api.hover(this.request.id, text, offset));
  }

  preview(text: string): Promise<Preview | null> {
    return this.ask(() => this.machine.engine.api.preview(this.request.id, text));
  }

  /** The text has changed: it is checked when nothing changes any more. */
  changed(value: () => string): void {
    this.dirty = true;
    this.status = "";
    this.checkSoon(value, PATIENCE);
  }

  checkSoon(value: () => string, delay: number): void {
    if (this.language.name === "plain") return;
    const turn = ++this.turn;
    this.checked = false;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.check(value(), turn), delay);
  }

  async check(text: string, turn: number): Promise<void> {
    const found = await this.ask(() => this.machine.engine.api.check(this.request.id, text));
    if (turn !== this.turn) return;
    this.uncheckable = found === null;
    this.problems = found ?? [];
    this.checked = true;
    this.onProblems(this.problems);
  }

  async save(value: string): Promise<boolean> {
    const { machine, path } = this.request;
    // A text file ends with a newline, as the editors of a terminal see to it.
    const content = value === "" || value.endsWith("\n") ? value : `${value}\n`;
    const problem = await this.machine.ask((api) => api.writeFile(machine, path, content));
    if (problem !== null) {
      this.status = fill(words.failed, { why: problem });
      return false;
    }
    this.everSaved = true;
    this.status = words.saved;
    return true;
  }

  /** Nobody looks at it any more. */
  end(): void {
    clearTimeout(this.timer);
    this.turn++;
    this.onProblems = () => {};
  }

  /** The prompt comes back. */
  async done(): Promise<void> {
    clearTimeout(this.timer);
    const answered = this.machine.answerEdit(this.request.id, this.everSaved ? "saved" : "closed");
    this.tabs.wanted++;
    await answered;
  }

  /** Save it, and type its command in the terminal that asked for it. */
  async apply(value: string): Promise<boolean> {
    const { command, terminal } = this.language;
    if (command === null || !(await this.save(value))) return false;
    const tab = this.tabs.list.find((one) => one.terminal === terminal);
    await this.done();
    this.app.area = "terminal";
    if (tab) this.tabs.focus(tab.key);
    await new Promise((resolve) => setTimeout(resolve, PROMPT));
    await this.machine.ask((api) => api.type(terminal, `${command}\r`));
    return true;
  }
}
