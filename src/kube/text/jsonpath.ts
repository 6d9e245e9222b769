import { toJson } from "./json.ts";

/**
 * kubectl's JSONPath templates (k8s.io/client-go/util/jsonpath): text with {expressions} in it,
 * `{range}`…`{end}`, `..`, `[*]`, slices, unions, filters with `?(@.a=="b")`.
 */

type Step =
  | { kind: "field"; name: string }
  | { kind: "index"; start: number | null; end: number | null; step: number; single: boolean }
  | { kind: "wildcard" }
  | { kind: "recursive" }
  | { kind: "filter"; left: Operand; operator: string; right: Operand | null }
  | { kind: "union"; of: Step[][] };

type Operand = { kind: "path"; steps: Step[]; root: boolean } | { kind: "value"; value: unknown };

type Node =
  | { kind: "text"; text: string }
  | { kind: "path"; steps: Step[]; root: boolean }
  | { kind: "range"; steps: Step[]; root: boolean; body: Node[] };

/** The words are client-go's. */
export class JsonPathError extends Error {}

class Parser {
  text: string;
  at = 0;

  constructor(text: string) {
    this.text = text;
  }

  template(nested: boolean): Node[] {
    const nodes: Node[] = [];
    for (;;) {
      const open = this.text.indexOf("{", this.at);
      const text = open < 0 ? this.text.slice(this.at) : this.text.slice(this.at, open);
      if (text) nodes.push({ kind: "text", text });
      if (open < 0) {
        this.at = this.text.length;
        if (nested) throw new JsonPathError("unterminated range");
        return nodes;
      }
      this.at = open + 1;
      this.space();
      if (this.take("end")) {
        this.close();
        if (!nested) throw new JsonPathError("not in range, nothing to end");
        return nodes;
      }
      const range = this.take("range");
      if (range) this.space();
      const quote = this.text[this.at];
      if (quote === '"' || quote === "'") {
        nodes.push({ kind: "text", text: this.quoted() });
        this.close();
        continue;
      }
      const path = this.path();
      this.close();
      if (range) nodes.push({ kind: "range", ...path, body: this.template(true) });
      else nodes.push({ kind: "path", ...path });
    }
  }

  space(): void {
    while (/\s/.test(this.text[this.at] ?? "")) this.at++;
  }

  take(word: string): boolean {
    const next = this.text[this.at + word.length] ?? "";
    if (!this.text.startsWith(word, this.at) || /\w/.test(next)) return false;
    this.at += word.length;
    return true;
  }

  close(): void {
    this.space();
    if (this.text[this.at] !== "}") {
      if (this.at >= this.text.length) throw new JsonPathError("unclosed action");
      throw new JsonPathError(
        `unrecognized character in action: U+${this.code()} '${this.text[this.at]}'`,
      );
    }
    this.at++;
  }

  code(): string {
    return (this.text.codePointAt(this.at) ?? 0).toString(16).toUpperCase().padStart(4, "0");
  }

  quoted(): string {
    const quote = this.text[this.at++];
    let out = "";
    for (; this.at < this.text.length; this.at++) {
      const c = this.text[this.at] as string;
      if (c === quote) {
        this.at++;
        return out;
      }
      if (c !== "\\") {
        out += c;
        continue;
      }
      const next = this.text[++this.at] ?? "";
      out += { n: "\n", t: "\t", r: "\r" }[next] ?? next;
    }
    throw new JsonPathError("unterminated quoted string");
  }

  path(): { steps: Step[]; root: boolean } {
    let root = false;
    if (this.text[this.at] === "$") {
      root = true;
      this.at++;
    } else if (this.text[this.at] === "@") this.at++;
    const steps: Step[] = [];
    for (;;) {
      const c = this.text[this.at];
      if (c === ".") {
        this.at++;
        if (this.text[this.at] === ".") {
          this.at++;
          steps.push({ kind: "recursive" });
          if (/[\w*]/.test(this.text[this.at] ?? "")) steps.push(this.name());
        } else if (
          this.text[this.at] !== "[" &&
          this.text[this.at] !== "}" &&
          this.text[this.at] !== undefined
        )
          steps.push(this.name());
      } else if (c === "[") steps.push(this.bracket());
      else if (steps.length === 0 && /[\w*]/.test(c ?? "")) steps.push(this.name());
      else return { steps, root };
    }
  }

  name(): Step {
    if (this.text[this.at] === "*") {
      this.at++;
      return { kind: "wildcard" };
    }
    let name = "";
    for (; this.at < this.text.length; this.at++) {
      const c = this.text[this.at] as string;
      if (c === "\\") name += this.text[++this.at] ?? "";
      else if (/[\s.[\]{}()=<>!,|&'"]/.test(c)) break;
      else name += c;
    }
    if (name === "")
      throw new JsonPathError(`unexpected path after ${this.text.slice(0, this.at)}`);
    return { kind: "field", name };
  }

  bracket(): Step {
    this.at++;
    this.space();
    if (this.text[this.at] === "?") return this.filter();
    const parts: Step[][] = [];
    for (;;) {
      this.space();
      parts.push([this.element()]);
      this.space();
      const c = this.text[this.at++];
      if (c === "]") break;
      if (c !== ",") throw new JsonPathError("unterminated array");
    }
    return parts.length === 1 ? ((parts[0] as Step[])[0] as Step) : { kind: "union", of: parts };
  }

  element(): Step {
    const c = this.text[this.at] ?? "";
    if (c === "'" || c === '"') return { kind: "field", name: this.quoted() };
    if (c === "*") {
      this.at++;
      return { kind: "wildcard" };
    }
    const match = /^(-?\d+)?(:(-?\d+)?(:(-?\d+))?)?/.exec(this.text.slice(this.at));
    if (!match?.[0]) {
      const bad = /^[^\]]*/.exec(this.text.slice(this.at))?.[0] ?? "";
      throw new JsonPathError(`invalid array index ${bad}`);
    }
    this.at += match[0].length;
    const number = (text: string | undefined): number | null =>
      text === undefined ? null : Number(text);
    return {
      kind: "index",
      start: number(match[1]),
      end: number(match[3]),
      step: number(match[5]) ?? 1,
      single: match[2] === undefined,
    };
  }

  filter(): Step {
    this.at++;
    if (this.text[this.at] !== "(") throw new JsonPathError("unterminated filter");
    this.at++;
    this.space();
    const left = this.operand();
    this.space();
    const operator = /^(==|!=|<=|>=|<|>)/.exec(this.text.slice(this.at))?.[0] ?? "exists";
    let right: Operand | null = null;
    if (operator !== "exists") {
      this.at += operator.length;
      this.space();
      right = this.operand();
      this.space();
    }
    if (this.text[this.at] !== ")" || this.text[this.at + 1] !== "]")
      throw new JsonPathError("unterminated filter");
    this.at += 2;
    return { kind: "filter", left, operator, right };
  }

  operand(): Operand {
    const c = this.text[this.at] ?? "";
    if (c === "'" || c === '"') return { kind: "value", value: this.quoted() };
    if (c === "@" || c === "$") return { kind: "path", ...this.path() };
    const word = /^[^\s)=<>!]+/.exec(this.text.slice(this.at))?.[0] ?? "";
    this.at += word.length;
    if (word === "true" || word === "false") return { kind: "value", value: word === "true" };
    return { kind: "value", value: Number.isNaN(Number(word)) ? word : Number(word) };
  }
}

/** A template, ready to be used; throws JsonPathError. */
export class JsonPath {
  nodes: Node[];

  constructor(template: string) {
    this.nodes = new Parser(template).template(false);
  }

  /** What the template prints for an object; what is missing prints nothing. */
  print(root: unknown): string {
    return render(this.nodes, root, root);
  }

  /** The values of a template that is one expression. */
  values(root: unknown): unknown[] {
    return this.nodes.flatMap((node) =>
      node.kind === "path" ? walk(node.steps, [root], root) : [],
    );
  }
}

/** As people may also write them: "{.a.b}", ".a.b", "a.b" (RelaxedJSONPathExpression). */
export function relaxedPath(text: string): string {
  const bare = text.replace(/^\{?\.?/, "").replace(/\}$/, "");
  return `{.${bare}}`;
}

function render(nodes: Node[], current: unknown, root: unknown): string {
  let out = "";
  for (const node of nodes) {
    if (node.kind === "text") out += node.text;
    else {
      const values = walk(node.steps, [node.root ? root : current], root);
      if (node.kind === "path") out += values.map(text).join(" ");
      else for (const value of values) out += render(node.body, value, root);
    }
  }
  return out;
}

function text(value: unknown): string {
  if (value === null || value === undefined) return "";
  return typeof value === "object" ? toJson(value) : String(value);
}

function walk(steps: Step[], from: unknown[], root: unknown): unknown[] {
  let values = from;
  for (const step of steps) values = values.flatMap((value) => apply(step, value, root));
  return values;
}

function apply(step: Step, value: unknown, root: unknown): unknown[] {
  const list = Array.isArray(value) ? value : null;
  const map =
    typeof value === "object" && value !== null && !list
      ? (value as Record<string, unknown>)
      : null;
  switch (step.kind) {
    case "field": {
      const found = map?.[step.name];
      return found === undefined ? [] : [found];
    }
    case "wildcard":
      return (
        list ??
        (map
          ? Object.keys(map)
              .sort()
              .map((key) => map[key])
          : [])
      );
    case "index": {
      if (!list) return [];
      const { length } = list;
      if (step.single) {
        const at = step.start ?? 0;
        const index = at < 0 ? at + length : at;
        if (index < 0 || index >= length)
          throw new JsonPathError(`array index out of bounds: index ${at}, length ${length}`);
        return [list[index]];
      }
      const start = step.start ?? 0;
      const end = step.end ?? length;
      const slice = list.slice(start < 0 ? start + length : start, end < 0 ? end + length : end);
      return slice.filter((_, i) => i % step.step === 0);
    }
    case "recursive":
      return descend(value);
    case "union":
      return step.of.flatMap((steps) => walk(steps, [value], root));
    case "filter":
      return (list ?? []).filter((item) => holds(step, item, root));
  }
}

/** The value and everything in it that has parts. */
function descend(value: unknown): unknown[] {
  if (typeof value !== "object" || value === null) return [];
  return [value, ...Object.values(value).flatMap(descend)];
}

function holds(step: Step & { kind: "filter" }, item: unknown, root: unknown): boolean {
  const operand = (o: Operand): unknown[] =>
    o.kind === "value" ? [o.value] : walk(o.steps, [o.root ? root : item], root);
  const [left] = operand(step.left);
  if (step.operator === "exists") return left !== undefined;
  const [right] = step.right ? operand(step.right) : [];
  if (left === undefined || right === undefined) return false;
  switch (step.operator) {
    case "==":
      return left === right;
    case "!=":
      return left !== right;
    case "<":
      return (left as number) < (right as number);
    case "<=":
      return (left as number) <= (right as number);
    case ">":
      return (left as number) > (right as number);
    default:
      return (left as number) >= (right as number);
  }
}
