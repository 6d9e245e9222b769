import { Lexer, type Links, type Token, type Tokens } from "marked";
import type { Inline } from "../../lesson/spec.ts";

/** Something in a sentence that a lesson does not show, and what to do instead. */
export class Unshown extends Error {
  /** As its author wrote it. */
  raw: string;

  constructor(message: string, raw: string) {
    super(message);
    this.raw = raw;
  }
}

export const PICTURE =
  "a picture is not shown: draw it from the machines (a block ```yaml figure), or link to it";
export const HTML =
  "HTML is not shown: write it in Markdown; where the sign itself is meant, in `code` or as \\<";
export const FOOTNOTE = "footnotes are not shown: say it in the sentence, or link to it";
/** Of what cannot be translated no more is known by its name than this (HTML 5.2, 8.5). */
const ENTITIES: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  nbsp: "\u00a0",
};

/** The sentences of a lesson: Markdown's inlines. */
export class Inlines {
  /** Links that are defined by a name, on a line of their own: `[name]: https://…`. */
  links: Links;
  /** Every address that a link leads to. */
  hrefs = new Set<string>();

  constructor(links: Links = {}) {
    this.links = links;
  }

  /** What a sentence holds; nothing of it is ever HTML. Throws Unshown. */
  read(text: string): Inline[] {
    return this.all(this.lex(text));
  }

  /** Words that are shown without any markup, as they are. Throws Unshown. */
  title(text: string): string {
    return this.read(text)
      .map((part) => {
        if (part.kind === "text") return part.text;
        throw new Unshown("a step's title is plain text: without code, emphasis or links", text);
      })
      .join("");
  }

  lex(text: string): Token[] {
    const lexer = new Lexer();
    lexer.tokens.links = this.links;
    return lexer.inlineTokens(text);
  }

  all(tokens: readonly Token[] | undefined): Inline[] {
    const parts: Inline[] = [];
    for (const part of (tokens ?? []).flatMap((token) => this.one(token))) {
      const last = parts.at(-1);
      // What was escaped, or an entity, is a token of its own.
      if (part.kind === "text" && last?.kind === "text") last.text += part.text;
      else parts.push(part);
    }
    return parts;
  }

  one(token: Token): Inline[] {
    const { raw } = token;
    switch (token.type) {
      case "text":
      case "escape": {
        const { text } = token as Tokens.Text;
        if (token.type === "text" && /\[\^[^\]\s]+\]/.test(text)) throw new Unshown(FOOTNOTE, raw);
        return [{ kind: "text", text: token.type === "escape" ? text : decoded(text) }];
      }
      case "codespan":
        return [{ kind: "code", text: (token as Tokens.Codespan).text }];
      case "strong":
      case "em":
      case "del":
        return [{ kind: token.type, parts: this.all((token as Tokens.Strong).tokens) }];
      case "link":
        return [this.link(token as Tokens.Link)];
      case "br":
        return [{ kind: "break" }];
      case "image":
        throw new Unshown(PICTURE, raw);
      case "html":
        if (isComment(raw)) return [];
        throw new Unshown(HTML, raw);
      default:
        throw new Unshown(`“${token.type}” is not shown in a sentence`, raw);
    }
  }

  link({ href, title, text, tokens, raw, autolink }: Tokens.Link): Inline {
    if (raw.startsWith("[^")) throw new Unshown(FOOTNOTE, raw);
    this.hrefs.add(href);
    if (autolink) return { kind: "link", parts: [{ kind: "text", text }], href, title: "" };
    const parts = this.all(tokens);
    return { kind: "link", parts, href: decoded(href), title: decoded(title ?? "") };
  }
}

/** A note of the author's, to nobody. */
export function isComment(html: string): boolean {
  return /^(?:\s*<!--[\s\S]*?-->)*\s*$/.test(html);
}

/** CommonMark 0.31, 2.5. Throws Unshown. */
function decoded(text: string): string {
  return text.replace(
    /&(?:#(\d{1,7})|#[xX]([\da-fA-F]{1,6})|([a-zA-Z]\w+));/g,
    (raw, dec, hex, name) => {
      if (!name) return character(Number.parseInt(dec ?? hex, dec ? 10 : 16));
      const known = Object.hasOwn(ENTITIES, name) ? ENTITIES[name] : undefined;
      if (known !== undefined) return known;
      throw new Unshown(
        `write the character itself in place of ${raw}, or \\${raw} for these letters`,
        raw,
      );
    },
  );
}

function character(code: number): string {
  const isNone = code === 0 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff);
  return isNone ? "\ufffd" : String.fromCodePoint(code);
}
