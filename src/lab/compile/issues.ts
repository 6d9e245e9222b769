import * as v from "valibot";

/* What a schema has to say, in an author's words: the library's own stay in here. */

/** Something that is wrong, and where in the data. */
export interface Finding {
  path: (string | number)[];
  message: string;
  /** The key is one that nobody knows. */
  stray: boolean;
}

/** What kind of thing stands there. */
export function kindOf(
  value: unknown,
): "nothing" | "text" | "number" | "yes or no" | "list" | "map" {
  if (value === null || value === undefined) return "nothing";
  if (typeof value === "string") return "text";
  if (typeof value === "number" || typeof value === "bigint") return "number";
  if (typeof value === "boolean") return "yes or no";
  return Array.isArray(value) ? "list" : "map";
}

type Kind = ReturnType<typeof kindOf>;

function named(kind: Kind): string {
  return kind === "number" || kind === "list" || kind === "map" ? `a ${kind}` : kind;
}

/** "expected text, found a number (put it in quotes)". */
export function expected(what: string, value: unknown): string {
  const kind = kindOf(value);
  const quote = what === "text" && (kind === "number" || kind === "yes or no");
  return `expected ${what}, found ${named(kind)}${quote ? " (put it in quotes)" : ""}`;
}

/** What is good for the kind of thing that stands there: what is wrong is told of that alone. */
export function byKind<Output>(
  schemas: Partial<Record<Kind, v.GenericSchema<unknown, Output>>>,
): v.GenericSchema<unknown, Output> {
  const kinds = Object.keys(schemas) as Kind[];
  return v.lazy((value) => {
    const schema = schemas[kindOf(value)];
    return schema ?? refused(expected(kinds.map(named).join(" or "), value));
  });
}

/** Nothing is good there. */
export function refused(message: string): v.GenericSchema<unknown, never> {
  return v.custom<never>(() => false, message);
}

/** What is wrong, each once. */
export function findings(issues: readonly v.BaseIssue<unknown>[]): Finding[] {
  const all = issues.map(finding);
  const said = all.map((one) => JSON.stringify(one));
  return all.filter((_one, n) => said.indexOf(said[n] as string) === n);
}

function finding(issue: v.BaseIssue<unknown>): Finding {
  const items = issue.path ?? [];
  const path = items.map((item) => item.key as string | number);
  // The library takes a list for a map whose keys are numbers.
  const list = items.findIndex(({ type, input }) => type === "object" && Array.isArray(input));
  if (list >= 0)
    return {
      path: path.slice(0, list),
      message: expected("a map", items[list]?.input),
      stray: false,
    };
  const stray = issue.expected === "never" && issue.type === "strict_object";
  return { path, message: stray ? "unknown field" : wording(issue), stray };
}

const WANTED: Readonly<Record<string, string>> = {
  string: "text",
  number: "a number",
  boolean: "yes or no",
  array: "a list",
  record: "a map",
  strict_object: "a map",
  loose_object: "a map",
};

function wording(issue: v.BaseIssue<unknown>): string {
  // A message of the schema's own says what was expected; the library's begin with "Invalid".
  if (!issue.message.startsWith("Invalid")) return issue.message;
  const { type, input, requirement } = issue;
  if (input === undefined) return "missing";
  switch (type) {
    case "picklist":
      return expectedOne(issue.expected ?? "", input);
    case "integer":
      return `expected a whole number, found ${input}`;
    case "min_value":
      return `expected ${requirement} or more, found ${input}`;
    case "max_value":
      return `expected ${requirement} or less, found ${input}`;
    case "min_length":
      return "expected text, found nothing";
    case "max_length":
      return `expected ${requirement} characters or fewer, found ${(input as string).length}`;
    default:
      return expected(WANTED[type] ?? "something else", input);
  }
}

/** The values that there are, out of `("TCP" | "UDP")`. */
function expectedOne(values: string, input: unknown): string {
  const all = (values.match(/"(?:[^"\\]|\\.)*"/g) ?? []).map((one) => JSON.parse(one) as string);
  const found = typeof input === "string" ? `"${input}"` : named(kindOf(input));
  return `expected ${all.length === 1 ? "" : "one of "}${all.join(", ")}, found ${found}`;
}
