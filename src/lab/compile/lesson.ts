import { Lexer, marked, type Token, type Tokens } from "marked";
import type * as v from "valibot";
import type {
  Ask,
  Block,
  FigureSpec,
  Inline,
  JourneyWant,
  LessonSpec,
  OptionSpec,
  StepSpec,
  TaskSpec,
} from "../../lesson/spec.ts";
import { figure, front, prediction, step as stepSchema, type task } from "./lesson-schema.ts";
import { CompileError } from "./problem.ts";
import { AS_WRITTEN, type Translator } from "./translation.ts";
import { type Found, parseYaml, readYaml } from "./yaml.ts";

/** The lines on which parts of a lesson stand: kept beside it, for the page has no use for them. */
export type Places = Map<object, number>;

/** Where a part of a block stands. */
type LineOf = (...path: (string | number)[]) => number;

/** A step while its section is read. */
interface Section {
  number: number;
  title: string;
  line: number;
  prose: Block[];
  /** Blocks that can be translated, so far. */
  said: number;
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

class Reader {
  file: string;
  translator: Translator;
  places: Places;
  steps: StepSpec[] = [];
  section: Section | null = null;

  constructor(file: string, translator: Translator, places: Places) {
    this.file = file;
    this.translator = translator;
    this.places = places;
  }

  /** `part` stands on this line. */
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
    let line = bodyLine;
    for (const token of marked.lexer(source.slice(head[0].length))) {
      this.token(token, line);
      line += breaks(token.raw);
    }
    this.finish();
    if (this.steps.length === 0) this.fail(bodyLine, "", "expected at least one ## step");
    const spec = { slug, ...matter, title, summary, steps: this.steps };
    return this.put(spec, lineOf(["world"]));
  }

  token(token: Token, line: number): void {
    const { section, file } = this;
    if (token.type === "heading" && (token as Tokens.Heading).depth === 2) {
      this.finish();
      const number = this.steps.length + 1;
      const title = this.plain(`${number}.title`, (token as Tokens.Heading).text);
      this.section = { number, title, line, prose: [], said: 0, block: null };
    } else if (token.type === "code" && (token as Tokens.Code).lang === "yaml step") {
      if (!section) this.fail(line, "", "a step's block stands before the first ## heading");
      section.block = readYaml(file, (token as Tokens.Code).text, stepSchema, line + 1);
    } else if (token.type !== "space") {
      if (!section) this.fail(line, "", "text before the first ## heading");
      section.prose.push(...this.block(section, token, line));
    }
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
    for (const one of prose)
      if (one.kind === "prediction")
        known(one.prediction.reveal, this.places.get(one.prediction) ?? line, "predict.reveal");
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
    const made: StepSpec = { title, prose, at: data.at, tasks, ...commands };
    // Of what names a step and nothing in it, the machine whose terminal is meant.
    this.steps.push(this.put(made, lineOf(["at"])));
    this.section = null;
  }

  /** Words without code and emphasis. Where the original has changed since, the original. */
  plain(key: string, english: string): string {
    if (english === "") return "";
    const { text, stale } = this.translator.of(key, english);
    return stale ? english : text;
  }

  /** Words with their code and emphasis, and a mark where the original has changed since. */
  said(key: string, english: string): Inline[] {
    const { text, stale } = this.translator.of(key, english);
    const parts = inline(Lexer.lexInline(text));
    return stale ? [...parts, { kind: "stale", english: inline(Lexer.lexInline(english)) }] : parts;
  }

  options(
    key: string,
    options: { text: string; right: boolean; say: string }[],
    lineOf: LineOf,
  ): OptionSpec[] {
    return options.map(({ text, right, say }, n) => ({
      text: this.put(this.said(`${key}.options.${n + 1}`, text), lineOf("choose", n, "text")),
      right,
      say: this.plain(`${key}.options.${n + 1}.say`, say),
    }));
  }

  task(key: string, data: v.InferOutput<typeof task>, lineOf: LineOf): TaskSpec {
    const { id, answer, choose, point, hint, hints, nudges } = data;
    const text = this.put(this.said(`${key}.text`, data.text), lineOf("text"));
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
      hints: helps.map(({ one, line }, n) =>
        this.put(this.said(`${key}.hints.${n + 1}`, one), line),
      ),
      nudges: nudges.map(({ when, say }, n) => ({
        when,
        say: this.plain(`${key}.nudges.${n + 1}`, say),
      })),
    };
    return this.put(made, lineOf("id"));
  }

  /** A sentence of the prose; where it is broken into lines, each of its links has its own. */
  sentence(key: string, token: Token | undefined, line: number): Inline[] {
    const parts = this.said(key, unwrapped(token));
    const raw = token?.raw ?? "";
    for (const part of parts)
      if (part.kind === "link")
        this.put(part, line + breaks(raw.slice(0, Math.max(raw.indexOf(`](${part.href}`), 0))));
    return this.put(parts, line);
  }

  block(section: Section, token: Token, line: number): Block[] {
    const next = (): string => `${section.number}.prose.${++section.said}`;
    switch (token.type) {
      case "paragraph":
        return [{ kind: "paragraph", text: this.sentence(next(), token, line) }];
      case "code":
        return [this.put(this.code(section, token as Tokens.Code, line), line)];
      case "list": {
        const { ordered, items } = token as Tokens.List;
        let on = line;
        const said = items.map(({ tokens: [first], raw }) => {
          const from = on;
          on += breaks(raw);
          return this.sentence(next(), first, from);
        });
        return [{ kind: "list", ordered, items: said }];
      }
      case "blockquote": {
        const [first] = (token as Tokens.Blockquote).tokens;
        return [{ kind: "quote", text: this.sentence(next(), first, line) }];
      }
      default:
        return [{ kind: "paragraph", text: [{ kind: "text", text: token.raw }] }];
    }
  }

  code(section: Section, token: Tokens.Code, line: number): Block {
    if (token.lang === "yaml predict") {
      const { data, lineOf } = readYaml(this.file, token.text, prediction, line + 1);
      const id = section.prose.filter(({ kind }) => kind === "prediction").length;
      const key = `${section.number}.predict.${id + 1}`;
      const text = this.put(this.said(`${key}.text`, data.text), lineOf(["text"]));
      const { reveal } = data;
      const options = this.options(key, data.choose, (...path) => lineOf(path));
      const asked = this.put({ id, text, options, reveal }, lineOf(["reveal"]));
      return { kind: "prediction", prediction: asked };
    }
    if (token.lang === "yaml figure") {
      const data = parseYaml(this.file, token.text, figure, line + 1);
      const { table, header, journey: want } = data;
      const drawn: FigureSpec = table
        ? { kind: "table", ...table }
        : header
          ? { kind: "header", want: header.packet, device: header.device }
          : { kind: "journey", want: want as JourneyWant };
      const id = section.prose.filter(({ kind }) => kind === "figure").length;
      const caption = this.plain(`${section.number}.figures.${id + 1}`, data.caption);
      return { kind: "figure", figure: drawn, caption };
    }
    const at = /^sh (.+)$/.exec(token.lang ?? "")?.[1] ?? null;
    return { kind: "code", text: token.text, at };
  }
}

/** How many lines end in it. */
function breaks(text: string): number {
  return text.split("\n").length - 1;
}

/** The Markdown of a paragraph, in one line: how it is broken into lines says nothing. */
function unwrapped(token: Token | undefined): string {
  return ((token as { text?: string } | undefined)?.text ?? "").replace(/\s*\n\s*/g, " ");
}

/** What a paragraph holds; nothing of it is ever HTML. */
function inline(tokens: Token[]): Inline[] {
  return tokens.map((t): Inline => {
    const plain = decode((t as { text?: string }).text ?? t.raw);
    if (t.type === "codespan") return { kind: "code", text: plain };
    if (t.type === "strong" || t.type === "em") return { kind: t.type, text: plain };
    if (t.type === "link") return { kind: "link", text: plain, href: (t as Tokens.Link).href };
    return { kind: "text", text: decode(t.raw) };
  });
}

function decode(text: string): string {
  return text
    .replace(/&lt;/g, "<")
    .replace(/&gt;/g, ">")
    .replace(/&quot;/g, '"')
    .replace(/&#39;/g, "'")
    .replace(/&amp;/g, "&");
}
