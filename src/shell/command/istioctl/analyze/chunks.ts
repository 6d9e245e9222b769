import { isMap, isScalar, isSeq, LineCounter, parseDocument } from "yaml";

/** A document of a file of YAML. */
export interface Chunk {
  text: string;
  /** From 1: of its first line that is neither empty nor a separator. */
  line: number;
}

/**
 * istio: pilot/pkg/config/file/util/kubeyaml, YAMLReader.Read. A separator before which there is nothing
 * belongs to the document that it begins, but is not counted as its first line.
 */
export function chunksOf(text: string): Chunk[] {
  const chunks: Chunk[] = [];
  let lines: string[] = [];
  let start = 0;
  const end = (): void => {
    chunks.push({ text: lines.join("\n").trim(), line: start });
    lines = [];
    start = 0;
  };
  for (const [i, line] of text.split("\n").entries()) {
    if (start === 0 && line !== "" && line !== "---") start = i + 1;
    if (/^---\s*$/.test(line) && lines.length) end();
    else lines.push(line);
  }
  end();
  return chunks;
}

/** Lines of a document's fields by their paths (istio: pilot/pkg/config/file/store.go, BuildFieldPathMap). */
export function fieldLines({ text, line }: Chunk): Map<string, number> {
  const found = new Map<string, number>();
  const counter = new LineCounter();
  const doc = parseDocument(text, { version: "1.1", merge: true, lineCounter: counter });
  const visit = (node: unknown, path: string): void => {
    if (isScalar(node)) {
      const at = node.range?.[0];
      if (at !== undefined) found.set(`{${path}}`, counter.linePos(at).line + line - 1);
    } else if (isMap(node))
      for (const { key, value } of node.items)
        visit(value, `${path}.${isScalar(key) ? key.value : ""}`);
    else if (isSeq(node))
      for (const [i, item] of node.items.entries()) visit(item, `${path}[${i}]`);
  };
  if (doc.errors.length === 0) visit(doc.contents, "");
  return found;
}
