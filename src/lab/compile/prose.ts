import type { Token, Tokens } from "marked";
import type {
  Block,
  CellAlign,
  FigureSpec,
  Inline,
  JourneyWant,
  OptionSpec,
  PredictionSpec,
} from "../../lesson/spec.ts";
import { FOOTNOTE, HTML, isComment } from "./inline.ts";
import { figure, prediction } from "./lesson-schema.ts";
import { parseYaml, readYaml } from "./yaml.ts";

/** Where a part of a block stands. */
export type LineOf = (...path: (string | number)[]) => number;

/** What the prose asks of who reads the lesson. */
export interface Reading {
  file: string;
  /** `part` stands on this line. */
  put<T extends object>(part: T, line: number): T;
  fail(line: number, field: string, message: string): never;
  /** A link has a name here. */
  define(named: { tag: string; href: string }, line: number): void;
  plain(key: string, english: string): string;
  said(key: string, english: string, line: number, raw?: string): Inline[];
  options(
    key: string,
    options: { text: string; right: boolean; say: string }[],
    lineOf: LineOf,
  ): OptionSpec[];
}

/** The prose of a step: CommonMark's blocks, the tables of GitHub's, and what is fenced as YAML. */
export class Prose {
  reading: Reading;
  /** The step's. */
  number: number;
  blocks: Block[] = [];
  predictions: PredictionSpec[] = [];
  figures = 0;
  /** Sentences so far. */
  said = 0;

  constructor(reading: Reading, number: number) {
    this.reading = reading;
    this.number = number;
  }

  add(token: Token, line: number): void {
    this.blocks.push(...this.block(token, line));
  }

  /** Blocks that stand below each other from this line on. */
  within(tokens: readonly Token[], line: number): Block[] {
    let on = line;
    return tokens.flatMap((token) => {
      const from = on;
      on += breaks(token.raw);
      return this.block(token, from);
    });
  }

  block(token: Token, line: number): Block[] {
    const { reading } = this;
    switch (token.type) {
      case "space":
        return [];
      case "paragraph":
      case "text": {
        const { text, raw } = token as Tokens.Paragraph;
        return [{ kind: "paragraph", text: this.sentence(text, line, raw) }];
      }
      case "heading":
        return [this.heading(token as Tokens.Heading, line)];
      case "code":
        return [reading.put(this.code(token as Tokens.Code, line), line)];
      case "list":
        return [this.list(token as Tokens.List, line)];
      case "blockquote":
        return [{ kind: "quote", blocks: this.within((token as Tokens.Blockquote).tokens, line) }];
      case "table":
        return [this.table(token as Tokens.Table, line)];
      case "hr":
        return [{ kind: "line" }];
      case "def":
        if ((token as Tokens.Def).tag.startsWith("^")) reading.fail(line, "", FOOTNOTE);
        reading.define(token as Tokens.Def, line);
        return [];
      case "html":
        if (!isComment(token.raw)) reading.fail(line, "", HTML);
        return [];
      default:
        return reading.fail(line, "", `“${token.type}” is not shown in a step`);
    }
  }

  /** A sentence that can be translated; its line breaks say nothing, but for hard ones. */
  sentence(text: string, line: number, raw: string): Inline[] {
    const key = `${this.number}.prose.${++this.said}`;
    return this.reading.said(key, unwrapped(text), line, raw);
  }

  heading({ depth, text, raw }: Tokens.Heading, line: number): Block {
    if (depth === 2)
      this.reading.fail(line, "", "## begins a step, and cannot stand in a list or a quote");
    if (depth === 1)
      this.reading.fail(line, "", "expected ## for a step, or ### for a heading within one");
    return { kind: "heading", level: depth, text: this.sentence(text, line, raw) };
  }

  list({ ordered, start, loose, items }: Tokens.List, line: number): Block {
    let on = line;
    const all = items.map(({ tokens, raw, task }) => {
      const from = on;
      on += breaks(raw);
      if (task)
        this.reading.fail(from, "", "a box to tick is not shown: what is to be done is a task");
      return this.within(tokens, from);
    });
    return { kind: "list", start: ordered ? Number(start) : null, loose, items: all };
  }

  table({ header, rows, align, raw }: Tokens.Table, line: number): Block {
    raw.split("\n").forEach((row, n) => {
      // What a row has more of than the head is not shown (GitHub Flavored Markdown, 4.10).
      if (
        row
          .trim()
          .replace(/^\||(?<!\\)\|$/g, "")
          .split(/(?<!\\)\|/).length > header.length
      )
        this.reading.fail(
          line + n,
          "",
          "more cells than the table's head has (\\| is the sign itself)",
        );
    });
    const cells = (row: Tokens.TableCell[], on: number): Inline[][] =>
      row.map(({ text }) => this.sentence(text, on, ""));
    return {
      kind: "table",
      align: align as CellAlign[],
      head: cells(header, line),
      rows: rows.map((row, n) => cells(row, line + 2 + n)),
    };
  }

  code({ lang = "", text }: Tokens.Code, line: number): Block {
    const yaml = /^yaml\s+(.+)$/.exec(lang)?.[1];
    switch (yaml) {
      case undefined: {
        const at = /^sh\s+(.+)$/.exec(lang)?.[1] ?? null;
        if (at === null && /\s/.test(lang))
          this.reading.fail(
            line,
            "",
            `expected a language alone, or sh and a machine, found ${lang}`,
          );
        return { kind: "code", text, at };
      }
      case "predict":
        return this.prediction(text, line);
      case "figure":
        return this.figure(text, line);
      case "step":
        return this.reading.fail(line, "", "a step's block cannot stand in a list or a quote");
      default:
        return this.reading.fail(
          line,
          "",
          `expected one of yaml step, yaml predict, yaml figure, found yaml ${yaml}`,
        );
    }
  }

  prediction(yaml: string, line: number): Block {
    const { reading, number } = this;
    const { data, lineOf } = readYaml(reading.file, yaml, prediction, line + 1);
    const id = this.predictions.length;
    const key = `${number}.predict.${id + 1}`;
    const text = reading.said(`${key}.text`, data.text, lineOf(["text"]));
    const options = reading.options(key, data.choose, (...path) => lineOf(path));
    const asked = reading.put({ id, text, options, reveal: data.reveal }, lineOf(["reveal"]));
    this.predictions.push(asked);
    return { kind: "prediction", prediction: asked };
  }

  figure(yaml: string, line: number): Block {
    const { table, header, journey, caption } = parseYaml(
      this.reading.file,
      yaml,
      figure,
      line + 1,
    );
    let drawn: FigureSpec = { kind: "journey", want: journey as JourneyWant };
    if (table) drawn = { kind: "table", ...table };
    if (header) {
      const { packet, ...where } = header;
      drawn = { kind: "header", want: packet, ...where };
    }
    const key = `${this.number}.figures.${++this.figures}`;
    return { kind: "figure", figure: drawn, caption: this.reading.plain(key, caption) };
  }
}

/** How many lines end in it. */
export function breaks(text: string): number {
  return text.split("\n").length - 1;
}

/** A paragraph in one line, but for hard line breaks (CommonMark 0.31, 6.7). */
function unwrapped(text: string): string {
  return text.replace(/(\\?)( *)\n\s*/g, (_all, slash: string, spaces: string) =>
    slash && !spaces ? "\\\n" : spaces.length > 1 ? `${slash}  \n` : `${slash} `,
  );
}
