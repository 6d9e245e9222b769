import * as v from "valibot";
import { type Document, isMap, isSeq, LineCounter, parseDocument } from "yaml";
import { CompileError, type Problem } from "./problem.ts";

/**
 * Read YAML and check it against a schema. Every problem is found at its line: the parser's own,
 * and the schema's, whose path is followed in the document.
 */
export function parseYaml<Schema extends v.GenericSchema>(
  file: string,
  text: string,
  schema: Schema,
  firstLine = 1,
): v.InferOutput<Schema> {
  const lines = new LineCounter();
  const doc = parseDocument(text, { lineCounter: lines });
  if (doc.errors.length)
    throw new CompileError(
      doc.errors.map((error) => ({
        file,
        line: lines.linePos(error.pos[0]).line + firstLine - 1,
        field: "",
        message: error.message.split("\n")[0]?.replace(/ at line \d+, column \d+:?$/, "") ?? "",
      })),
    );
  const result = v.safeParse(schema, doc.toJS());
  if (result.success) return result.output;
  const problems: Problem[] = result.issues.map((issue) => {
    const path = (issue.path ?? []).map((item) => item.key as string | number);
    return {
      file,
      line: lineOf(doc, lines, path) + firstLine - 1,
      field: path.join("."),
      message: wording(issue),
    };
  });
  throw new CompileError(problems);
}

/** The line of the deepest part of `path` that the document has. */
function lineOf(doc: Document, lines: LineCounter, path: (string | number)[]): number {
  let node: unknown = doc.contents;
  let offset = 0;
  for (const key of path) {
    if (isMap(node)) {
      const pair = node.items.find((item) => String(item.key) === String(key));
      if (!pair) break;
      const keyRange = (pair.key as { range?: [number, number, number] }).range;
      if (keyRange) offset = keyRange[0];
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(key)];
      const range = (node as { range?: [number, number, number] } | undefined)?.range;
      if (range) offset = range[0];
    } else break;
  }
  return lines.linePos(offset).line;
}

function wording(issue: v.BaseIssue<unknown>): string {
  if (issue.type === "strict_object")
    return issue.received === "undefined" ? "missing" : "unknown field";
  if (issue.received === "undefined") return `missing: expected ${issue.expected ?? "a value"}`;
  // A message of the schema's own says what was expected; valibot's begin with "Invalid".
  if (!issue.message.startsWith("Invalid")) return issue.message;
  return issue.expected ? `expected ${issue.expected}, found ${issue.received}` : issue.message;
}
