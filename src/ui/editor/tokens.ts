/** What a piece of text is, for colouring. */
export type Token = "comment" | "keyword" | "type" | "string" | "number" | "attribute" | "plain";

export interface Rule {
  /** Anchored where the piece begins. */
  pattern: RegExp;
  /** Only at the beginning of a line. */
  first?: boolean;
  /** Of a word: it depends on which one. */
  token: Token | "word";
}

/**
 * The pieces of iptables-save text, in the order in which they are tried; which words are tables,
 * chains and targets the engine says. Both editors colour by this.
 */
export const IPTABLES_RULES: readonly Rule[] = [
  { pattern: /#.*/, first: true, token: "comment" },
  { pattern: /\*\w+/, first: true, token: "keyword" },
  { pattern: /:[^\s[]+/, first: true, token: "type" },
  { pattern: /COMMIT\b/, first: true, token: "keyword" },
  { pattern: /\[\d+:\d+\]/, token: "comment" },
  { pattern: /"(?:\\.|[^"\\])*"?/, token: "string" },
  { pattern: /--?[A-Za-z][\w-]*/, token: "attribute" },
  { pattern: /!/, token: "keyword" },
  { pattern: /(?:0x[\da-fA-F]+|\d+)(?:[.:,/-](?:0x[\da-fA-F]+|\d+))*(?![\w-])/, token: "number" },
  { pattern: /[\w.+-]+/, token: "word" },
];

/** What a word is: `words` as the engine has them. */
export function wordToken(word: string, words: Record<string, string[]>): Token {
  const is = (what: string): boolean => words[what]?.includes(word) ?? false;
  if (is("verdicts") || is("targets")) return "keyword";
  return is("chains") || is("matches") || is("tables") ? "type" : "plain";
}
