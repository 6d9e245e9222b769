/*
 * What people read is data: a table of sentences by key, each with gaps `{name}` where it is about
 * something. A translation is another table of the same shape.
 */

/** The names of a sentence's gaps. */
export type Gaps<S extends string> = S extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Gaps<Rest>
  : never;

/** A sentence with its gaps filled. */
export function fill<S extends string>(
  sentence: S,
  values: Readonly<Record<Gaps<S>, string | number>>,
): string {
  const all: Readonly<Record<string, string | number>> = values;
  return sentence.replace(/\{(\w+)\}/g, (gap, name: string) => String(all[name] ?? gap));
}

/** A sentence in the forms that a language has for numbers (Unicode's plural rules); English has these two. */
export interface Counted {
  readonly one: string;
  readonly other: string;
}

export function isCounted(value: unknown): value is Counted {
  return typeof value === "object" && value !== null && "one" in value && "other" in value;
}

/** What a translation says, by the key of what it translates: "page.timeline.empty". */
export type Dictionary = Readonly<Record<string, string | Counted>>;

/** The table as `dictionary` says it; its own words where that is silent. `key`: the table's name. */
export function translated<T>(table: T, dictionary: Dictionary, key: string): T {
  if (typeof table === "string" || isCounted(table)) return (dictionary[key] ?? table) as T;
  if (typeof table !== "object" || table === null) return table;
  if (Array.isArray(table))
    return table.map((one, n) => translated(one, dictionary, `${key}.${n}`)) as T;
  return Object.fromEntries(
    Object.entries(table).map(([name, one]) => [
      name,
      translated(one, dictionary, `${key}.${name}`),
    ]),
  ) as T;
}

/**
 * Has it words, beside code and gaps? "PREROUTING" and "MTU" are the same in every language, and so is what
 * has digits, colons, dots or slashes inside: addresses of every kind, paths, devices, ports.
 */
export function hasWords(text: string): boolean {
  const said = text.replace(/`[^`]*`|\{\w+\}/g, " ").split(/[\s,;…—–]+/u);
  return said.some((one) => {
    const word = one.replace(/^[^\p{L}\p{N}/~]+|[^\p{L}\p{N}]+$/gu, "");
    return /^[\p{L}\p{M}'’-]+$/u.test(word) && /\p{L}\p{Ll}/u.test(word);
  });
}

/** Everything in a table that can be translated, with its key. */
export function sentencesOf(table: unknown, key: string): [string, string | Counted][] {
  if (typeof table === "string") return hasWords(table) ? [[key, table]] : [];
  if (isCounted(table)) return [[key, table]];
  if (typeof table !== "object" || table === null) return [];
  return Object.entries(table).flatMap(([name, one]) => sentencesOf(one, `${key}.${name}`));
}
