import { parseAllDocuments } from "yaml";
import { isObject, type JsonObject } from "../../base/json.ts";

/** Text that is neither YAML nor JSON; the words are what kubectl prints. */
export class ManifestError extends Error {}

/**
 * The objects of a file: YAML documents, or JSON. Lists are taken apart. `file` is for the messages
 * (k8s.io/apimachinery/pkg/util/yaml: "error converting YAML to JSON").
 */
export function parseManifests(text: string, file: string): JsonObject[] {
  const objects: JsonObject[] = [];
  for (const doc of parseAllDocuments(text, { version: "1.1", merge: true, logLevel: "silent" })) {
    const [error] = doc.errors;
    if (error) {
      const line = error.linePos?.[0].line ?? 1;
      const words = error.message.replace(/ at line \d+, column \d+:?[\s\S]*$/, "");
      throw new ManifestError(
        `error: error parsing ${file}: error converting YAML to JSON: yaml: line ${line}: ${goWords(error.code, words)}`,
      );
    }
    const value: unknown = plain(doc.toJS({ maxAliasCount: 100 }));
    if (value === null || value === undefined) continue;
    if (!isObject(value)) {
      const found =
        typeof value === "string" ? "string" : Array.isArray(value) ? "array" : typeof value;
      throw new ManifestError(
        `error: error validating "${file}": error validating data: invalid object to validate: ${found}`,
      );
    }
    if (value.kind === "List" && Array.isArray(value.items))
      objects.push(...value.items.filter(isObject));
    else objects.push(value);
  }
  return objects;
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
