import * as v from "valibot";
import { type Document, isMap, isSeq, LineCounter, parseDocument, visit } from "yaml";
import { findings } from "./issues.ts";
import { CompileError, type Problem } from "./problem.ts";

/** What a part of a file says, and on which line of the file. */
export interface Found<T> {
  data: T;
  /** The line of the deepest part of `path` that there is. */
  lineOf(path: readonly (string | number)[]): number;
}

/**
 * Read YAML and check it against a schema. Every problem is found at its line: the parser's own,
 * and the schema's, whose path is followed in the document.
 */
export function readYaml<Schema extends v.GenericSchema>(
  file: string,
  text: string,
  schema: Schema,
  firstLine = 1,
): Found<v.InferOutput<Schema>> {
  const lines = new LineCounter();
  const doc = parseDocument(text, { lineCounter: lines });
  const problems: Problem[] = [];
  const complain = (offset: number, message: string): void => {
    problems.push({ file, line: lines.linePos(offset).line + firstLine - 1, field: "", message });
  };
  for (const { pos, code, message } of doc.errors) {
    const said = message.split("\n")[0]?.replace(/ at line \d+, column \d+:?$/, "") ?? "";
    const colon = code === "BLOCK_AS_IMPLICIT_KEY";
    complain(pos[0], `${said}${colon ? " (a colon in the text? put it in quotes)" : ""}`);
  }
  visit(doc, {
    Alias: (_key, node) => {
      if (!node.resolve(doc))
        complain(
          node.range?.[0] ?? 0,
          `there is no anchor "${node.source}" (a text that begins with * goes in quotes)`,
        );
    },
  });
  if (problems.length) throw new CompileError(problems);
  const line = (path: readonly (string | number)[]): number =>
    lineOf(doc, lines, path) + firstLine - 1;
  const result = v.safeParse(schema, doc.toJS());
  if (result.success) return { data: result.output, lineOf: line };
  throw new CompileError(
    findings(result.issues).map(({ path, message, stray }) => ({
      file,
      line: line(path),
      field: path.join("."),
      message:
        stray && cutByComma(doc, path)
          ? `${message} (a comma in the text? put the text in quotes)`
          : message,
    })),
  );
}

/** The same, where no line is asked for later. */
export function parseYaml<Schema extends v.GenericSchema>(
  file: string,
  text: string,
  schema: Schema,
  firstLine = 1,
): v.InferOutput<Schema> {
  return readYaml(file, text, schema, firstLine).data;
}

/** In `{ text: It has one, though }` the second half of the text has become a key. */
function cutByComma(doc: Document, path: readonly (string | number)[]): boolean {
  const map = doc.getIn(path.slice(0, -1), true) ?? doc.contents;
  const key = String(path.at(-1));
  if (!isMap(map) || !map.flow) return false;
  return map.get(key) == null || /\s/.test(key);
}

/** The line of the deepest part of `path` that the document has. */
function lineOf(doc: Document, lines: LineCounter, path: readonly (string | number)[]): number {
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
