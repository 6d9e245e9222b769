import { Lexer, type Token, type Tokens } from "marked";
import type * as v from "valibot";
import type { Ask, Inline, LessonSpec, OptionSpec, StepSpec, TaskSpec } from "../../lesson/spec.ts";
import { Inlines, isComment, Unshown } from "./inline.ts";
import { front, step as stepSchema, type task } from "./lesson-schema.ts";
import { CompileError, type Problem } from "./problem.ts";
import { breaks, type LineOf, Prose, type Reading } from "./prose.ts";
import { AS_WRITTEN, type Translator } from "./translation.ts";
import { type Found, readYaml } from "./yaml.ts";

/** The lines on which parts of a lesson stand: kept beside it, for the page has no use for them. */
export type Places = Map<object, number>;

/** A step while its section is read. */
interface Section {
  number: number;
  title: string;
  line: number;
  prose: Prose;
  block: Found<v.InferOutput<typeof stepSchema>> | null;
}

/**
 * A lesson: front matter, then a section `## Title` for each step, in it prose and one fenced block
 * "yaml step" with its tasks and its solution. In the words of `translator`, where it has some. Into
 * `places` goes where its steps, tasks, commands, blocks and sentences stand.
 */
export function compileLesson(
  file: string,
  slug: string,
  source: string,
  translator: Translator = AS_WRITTEN,
  places: Places = new Map(),
): LessonSpec {
  return new Reader(file, translator, places).read(slug, source.replaceAll("\r\n", "\n"));
}

class Reader implements Reading {
  file: string;
  translator: Translator;
  places: Places;
  steps: StepSpec[] = [];
  section: Section | null = null;
  inlines = new Inlines();
  /** Links that have a name, and where. */
  named: { tag: string; href: string; line: number }[] = [];

  constructor(file: string, translator: Translator, places: Places) {
    this.file = file;
    this.translator = translator;
    this.places = places;
  }

  put<T extends object>(part: T, line: number): T {
    this.places.set(part, line);
    return part;
  }

  fail(line: number, field: string, message: string): never {
    throw new CompileError([{ file: this.file, line, field, message }]);
  }

  read(slug: string, source: string): LessonSpec {
    const head = /^---\n([\s\S]*?)\n---\n/.exec(source);
    if (!head) this.fail(1, "", "expected front matter between two lines ---");
    const { data: matter, lineOf } = readYaml(this.file, head[1] ?? "", front, 2);
    const bodyLine = head[0].split("\n").length;
    const title = this.plain("title", matter.title);
    const summary = this.plain("summary", matter.summary);
    const tokens = new Lexer().lex(source.slice(head[0].length));
    this.inlines = new Inlines(tokens.links);
    let line = bodyLine;
    for (const token of tokens) {
      this.token(token, line);
      line += breaks(token.raw);
    }
    this.finish();
    for (const { tag, href, line } of this.named)
      if (!this.inlines.hrefs.has(href)) this.fail(line, "", `no link is called [${tag}]`);
    if (this.steps.length === 0) this.fail(bodyLine, "", "expected at least one ## step");
    const spec = { slug, ...matter, title, summary, steps: this.steps };
    return this.put(spec, lineOf(["world"]));
  }

  token(token: Token, line: number): void {
    const { section, file } = this;
    if (token.type === "heading" && (token as Tokens.Heading).depth === 2) {
      this.finish();
      const number = this.steps.length + 1;
      const title = this.title(`${number}.title`, (token as Tokens.Heading).text, line);
      this.section = { number, title, line, prose: new Prose(this, number), block: null };
    } else if (token.type === "code" && (token as Tokens.Code).lang === "yaml step") {
      if (!section) this.fail(line, "", "a step's block stands before the first ## heading");
      section.block = readYaml(file, (token as Tokens.Code).text, stepSchema, line + 1);
    } else if (section) section.prose.add(token, line);
    else if (token.type === "def") this.define(token as Tokens.Def, line);
    else if (token.type !== "space" && !isComment(token.raw))
      this.fail(line, "", "text before the first ## heading");
  }

  /** The section has ended: it is a step. */
  finish(): void {
    const { section } = this;
    if (!section) return;
    const { block, line, title, prose } = section;
    if (!block) this.fail(line, title, "expected a block ```yaml step in this section");
    const { data, lineOf } = block;
    const ids = new Set<string>();
    data.tasks.forEach(({ id }, n) => {
      if (ids.has(id))
        this.fail(lineOf(["tasks", n, "id"]), `tasks.${id}`, "two tasks of a step have this id");
      ids.add(id);
    });
    const known = (id: string, on: number, field: string): void => {
      if (!ids.has(id)) this.fail(on, field, `the step has no task "${id}"`);
    };
    for (const one of prose.predictions)
      known(one.reveal, this.places.get(one) ?? line, "predict.reveal");
    for (const [n, { task }] of data.wrong.entries())
      known(task, lineOf(["wrong", n, "task"]), "wrong.task");
    const commands = { solution: data.solution, wrong: data.wrong };
    for (const [field, list] of Object.entries(commands))
      for (const [n, one] of list.entries()) this.put(one, lineOf([field, n]));
    const tasks = data.tasks.map((one, n) =>
      this.task(`${section.number}.tasks.${one.id}`, one, (...path) =>
        lineOf(["tasks", n, ...path]),
      ),
    );
    const made: StepSpec = { title, prose: prose.blocks, at: data.at, tasks, ...commands };
    // Of what names a step and nothing in it, the machine whose terminal is meant.
    this.steps.push(this.put(made, lineOf(["at"])));
    this.section = null;
  }

  define({ tag, href }: { tag: string; href: string }, line: number): void {
    this.named.push({ tag, href, line });
  }

  /** Words without code and emphasis. Where the original has changed since, the original. */
  plain(key: string, english: string): string {
    if (english === "") return "";
    const { text, stale } = this.translator.of(key, english);
    return stale ? english : text;
  }

  title(key: string, english: string, line: number): string {
    const { text, stale, place } = this.translator.of(key, english);
    const own = this.shown(() => this.inlines.title(english), { line });
    return stale || !place ? own : this.shown(() => this.inlines.title(text), place());
  }

  /**
   * A sentence with its code, emphasis and links, and a mark where the original has changed since. `raw`:
   * as it stands in the file from `line` on, when it may be broken into lines.
   */
  said(key: string, english: string, line: number, raw = ""): Inline[] {
    const { text, stale, place } = this.translator.of(key, english);
    const own = this.shown(() => this.inlines.read(english), { line, raw });
    const parts = place ? this.shown(() => this.inlines.read(text), place()) : own;
    this.place(parts, line, raw);
    return this.put(stale ? [...parts, { kind: "stale", english: own }] : parts, line);
  }

  /** Each link of a sentence stands on a line of its own. */
  place(parts: Inline[], line: number, raw: string): void {
    for (const part of parts) {
      if (part.kind === "link") {
        const at = [`](${part.href}`, part.href].map((text) => raw.indexOf(text));
        this.put(part, line + breaks(raw.slice(0, at.find((one) => one > 0) ?? 0)));
      }
      if ("parts" in part) this.place(part.parts, line, raw);
    }
  }

  /** What `read` answers; what it cannot is said of `where`. */
  shown<T>(read: () => T, where: Partial<Problem> & { line: number; raw?: string }): T {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof Unshown)) throw error;
      const { raw = "", file = this.file, field = "" } = where;
      const [first = ""] = error.raw.split("\n");
      const line = where.line + breaks(raw.slice(0, Math.max(raw.indexOf(first), 0)));
      throw new CompileError([{ file, line, field, message: error.message }]);
    }
  }

  options(
    key: string,
    options: { text: string; right: boolean; say: string }[],
    lineOf: LineOf,
  ): OptionSpec[] {
    return options.map(({ text, right, say }, n) => ({
      text: this.said(`${key}.options.${n + 1}`, text, lineOf("choose", n, "text")),
      right,
      say: this.plain(`${key}.options.${n + 1}.say`, say),
    }));
  }

  task(key: string, data: v.InferOutput<typeof task>, lineOf: LineOf): TaskSpec {
    const { id, answer, choose, point, hint, hints, nudges } = data;
    const text = this.said(`${key}.text`, data.text, lineOf("text"));
    let ask: Ask | null = null;
    if (answer) {
      // Who reads a translation may answer in English too.
      const answers = answer.flatMap((one, n) => [one, this.plain(`${key}.answers.${n + 1}`, one)]);
      ask = { kind: "type", answers: [...new Set(answers)] };
    } else if (choose) ask = { kind: "choose", options: this.options(key, choose, lineOf) };
    else if (point && "packet" in point) ask = { kind: "packet", want: point.packet };
    else if (point) ask = { kind: "row", text: point.row };
    const helps = [
      ...(hint ? [{ one: hint, line: lineOf("hint") }] : []),
      ...hints.map((one, n) => ({ one, line: lineOf("hints", n) })),
    ];
    const made: TaskSpec = {
      id,
      text,
      check: data.check ?? null,
      ask,
      hints: helps.map(({ one, line }, n) => this.said(`${key}.hints.${n + 1}`, one, line)),
      nudges: nudges.map(({ when, say }, n) => ({
        when,
        say: this.plain(`${key}.nudges.${n + 1}`, say),
      })),
    };
    return this.put(made, lineOf("id"));
  }
}
