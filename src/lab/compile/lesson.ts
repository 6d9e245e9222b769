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
import { parseYaml } from "./yaml.ts";

/** A step while its section is read. */
interface Section {
  number: number;
  title: string;
  line: number;
  prose: Block[];
  /** Blocks that can be translated, so far. */
  said: number;
  data: v.InferOutput<typeof stepSchema> | null;
}

/**
 * A lesson: front matter, then a section `## Title` for each step, in it prose and one fenced block
 * "yaml step" with its tasks and its solution. In the words of `translator`, where it has some.
 */
export function compileLesson(
  file: string,
  slug: string,
  source: string,
  translator: Translator = AS_WRITTEN,
): LessonSpec {
  return new Reader(file, translator).read(slug, source);
}

class Reader {
  file: string;
  translator: Translator;
  steps: StepSpec[] = [];
  section: Section | null = null;

  constructor(file: string, translator: Translator) {
    this.file = file;
    this.translator = translator;
  }

  fail(line: number, field: string, message: string): never {
    throw new CompileError([{ file: this.file, line, field, message }]);
  }

  read(slug: string, source: string): LessonSpec {
    const head = /^---\n([\s\S]*?)\n---\n/.exec(source);
    if (!head) this.fail(1, "", "expected front matter between two lines ---");
    const matter = parseYaml(this.file, head[1] ?? "", front, 2);
    const bodyLine = head[0].split("\n").length;
    const title = this.plain("title", matter.title);
    const summary = this.plain("summary", matter.summary);
    let line = bodyLine;
    for (const token of marked.lexer(source.slice(head[0].length))) {
      this.token(token, line);
      line += token.raw.split("\n").length - 1;
    }
    this.finish();
    if (this.steps.length === 0) this.fail(bodyLine, "", "expected at least one ## step");
    return { slug, ...matter, title, summary, steps: this.steps };
  }

  token(token: Token, line: number): void {
    const { section, file } = this;
    if (token.type === "heading" && (token as Tokens.Heading).depth === 2) {
      this.finish();
      const number = this.steps.length + 1;
      const title = this.plain(`${number}.title`, (token as Tokens.Heading).text);
      this.section = { number, title, line, prose: [], said: 0, data: null };
    } else if (token.type === "code" && (token as Tokens.Code).lang === "yaml step") {
      if (!section) this.fail(line, "", "a step's block stands before the first ## heading");
      section.data = parseYaml(file, (token as Tokens.Code).text, stepSchema, line + 1);
    } else if (token.type !== "space") {
      if (!section) this.fail(line, "", "text before the first ## heading");
      section.prose.push(...this.block(section, token, line));
    }
  }

  /** The section has ended: it is a step. */
  finish(): void {
    const { section } = this;
    if (!section) return;
    const { data, line, title, prose } = section;
    if (!data) this.fail(line, title, "expected a block ```yaml step in this section");
    const ids = new Set<string>();
    for (const { id } of data.tasks) {
      if (ids.has(id)) this.fail(line, `tasks.${id}`, "two tasks of a step have this id");
      ids.add(id);
    }
    const known = (id: string, field: string): void => {
      if (!ids.has(id)) this.fail(line, field, `the step has no task "${id}"`);
    };
    for (const block of prose)
      if (block.kind === "prediction") known(block.prediction.reveal, "predict.reveal");
    for (const wrong of data.wrong) known(wrong.task, "wrong.task");
    this.steps.push({
      title,
      prose,
      at: data.at,
      tasks: data.tasks.map((one) => this.task(`${section.number}.tasks.${one.id}`, one)),
      solution: data.solution,
      wrong: data.wrong,
    });
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

  options(key: string, options: { text: string; right: boolean; say: string }[]): OptionSpec[] {
    return options.map(({ text, right, say }, n) => ({
      text: this.said(`${key}.options.${n + 1}`, text),
      right,
      say: this.plain(`${key}.options.${n + 1}.say`, say),
    }));
  }

  task(key: string, data: v.InferOutput<typeof task>): TaskSpec {
    const { id, answer, choose, point, hint, hints, nudges } = data;
    const text = this.said(`${key}.text`, data.text);
    let ask: Ask | null = null;
    if (answer) {
      // Who reads a translation may answer in English too.
      const answers = answer.flatMap((one, n) => [one, this.plain(`${key}.answers.${n + 1}`, one)]);
      ask = { kind: "type", answers: [...new Set(answers)] };
    } else if (choose) ask = { kind: "choose", options: this.options(key, choose) };
    else if (point && "packet" in point) ask = { kind: "packet", want: point.packet };
    else if (point) ask = { kind: "row", text: point.row };
    return {
      id,
      text,
      check: data.check ?? null,
      ask,
      hints: [...(hint ? [hint] : []), ...hints].map((one, n) =>
        this.said(`${key}.hints.${n + 1}`, one),
      ),
      nudges: nudges.map(({ when, say }, n) => ({
        when,
        say: this.plain(`${key}.nudges.${n + 1}`, say),
      })),
    };
  }

  block(section: Section, token: Token, line: number): Block[] {
    const next = (): string => `${section.number}.prose.${++section.said}`;
    switch (token.type) {
      case "paragraph":
        return [{ kind: "paragraph", text: this.said(next(), unwrapped(token)) }];
      case "code":
        return [this.code(section, token as Tokens.Code, line)];
      case "list": {
        const { ordered, items } = token as Tokens.List;
        return [
          {
            kind: "list",
            ordered,
            items: items.map(({ tokens: [first] }) => this.said(next(), unwrapped(first))),
          },
        ];
      }
      case "blockquote": {
        const [first] = (token as Tokens.Blockquote).tokens;
        return [{ kind: "quote", text: this.said(next(), unwrapped(first)) }];
      }
      default:
        return [{ kind: "paragraph", text: [{ kind: "text", text: token.raw }] }];
    }
  }

  code(section: Section, token: Tokens.Code, line: number): Block {
    if (token.lang === "yaml predict") {
      const data = parseYaml(this.file, token.text, prediction, line + 1);
      const id = section.prose.filter(({ kind }) => kind === "prediction").length;
      const key = `${section.number}.predict.${id + 1}`;
      const text = this.said(`${key}.text`, data.text);
      const { reveal } = data;
      const options = this.options(key, data.choose);
      return { kind: "prediction", prediction: { id, text, options, reveal } };
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
