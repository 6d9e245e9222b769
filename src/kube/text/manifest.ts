import { type Document, LineCounter, type Node, parseAllDocuments } from "yaml";
import { isObject, type JsonObject } from "../../base/json.ts";

/** Text that is neither YAML nor JSON; the words are what kubectl prints. */
export class ManifestError extends Error {
  /** Counts from 1; 0: it is not about a line. */
  line: number;

  constructor(message: string, line = 0) {
    super(message);
    this.line = line;
  }
}

/** An object of a file, and where it stands there. */
export interface Written {
  object: JsonObject;
  /** The document, or the item of its list. */
  node: Node;
}

/**
 * The objects of a file: YAML documents, or JSON. Lists are taken apart. `file` is for the messages
 * (k8s.io/apimachinery/pkg/util/yaml: "error converting YAML to JSON").
 */
export function parseManifests(text: string, file: string): JsonObject[] {
  return parseWritten(text, file).map(({ object }) => object);
}

/** The same, with their places. */
export function parseWritten(
  text: string,
  file: string,
  lineCounter = new LineCounter(),
): Written[] {
  const objects: Written[] = [];
  const options = { version: "1.1", merge: true, logLevel: "silent", lineCounter } as const;
  for (const doc of parseAllDocuments(text, options)) {
    const [error] = doc.errors;
    if (error) {
      const line = error.linePos?.[0].line ?? 1;
      const words = error.message.replace(/ at line \d+, column \d+:?[\s\S]*$/, "");
      throw new ManifestError(
        `error: error parsing ${file}: error converting YAML to JSON: yaml: line ${line}: ${goWords(error.code, words)}`,
        line,
      );
    }
    const value: unknown = plain(resolved(doc, file, lineCounter));
    if (value === null || value === undefined) continue;
    if (!isObject(value)) {
      const found =
        typeof value === "string" ? "string" : Array.isArray(value) ? "array" : typeof value;
      throw new ManifestError(
        `error: error validating "${file}": error validating data: invalid object to validate: ${found}`,
        lineCounter.linePos(doc.range[0]).line,
      );
    }
    if (value.kind === "List" && Array.isArray(value.items))
      value.items.forEach((object, i) => {
        if (isObject(object)) objects.push({ object, node: nodeAt(doc, ["items", i]) });
      });
    else objects.push({ object: value, node: nodeAt(doc, []) });
  }
  return objects;
}

/** A document as data, its aliases followed (go-yaml: decode.go, alias). Throws ManifestError. */
function resolved(doc: Document.Parsed, file: string, lineCounter: LineCounter): unknown {
  try {
    return doc.toJS({ maxAliasCount: 100 });
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error;
    const [, anchor] = /^Unresolved alias .*: (.*)$/.exec(error.message) ?? [];
    const words =
      anchor === undefined
        ? "document contains excessive aliasing"
        : `unknown anchor '${anchor}' referenced`;
    throw new ManifestError(
      `error: error parsing ${file}: error converting YAML to JSON: yaml: ${words}`,
      lineCounter.linePos(doc.range[0]).line,
    );
  }
}

function nodeAt(doc: Document.Parsed, path: (string | number)[]): Node {
  return (path.length ? doc.getIn(path, true) : doc.contents) as Node;
}

/** What go-yaml says to the commonest mistakes. */
function goWords(code: string, words: string): string {
  switch (code) {
    case "TAB_AS_INDENT":
      return "found character that cannot start any token";
    case "DUPLICATE_KEY":
      return words.replace(/^.*/, "key already set in map");
    case "BAD_INDENT":
    case "BLOCK_AS_IMPLICIT_KEY":
      return "mapping values are not allowed in this context";
    case "MISSING_CHAR":
    case "UNEXPECTED_TOKEN":
      return "could not find expected ':'";
    default:
      return words.charAt(0).toLowerCase() + words.slice(1);
  }
}

/** Dates are text here; keys are text. */
function plain(value: unknown): unknown {
  if (value instanceof Date) return value.toISOString().replace(/\.000Z$/, "Z");
  if (value instanceof Map) return plain(Object.fromEntries(value));
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, plain(field)]));
}
