import { apiVersionOf, type Kind } from "../../../../kube/kind.ts";
import type { Schema } from "../../../../kube/schema.ts";
import type { Verb } from "../context.ts";
import { KubectlError } from "../error.ts";

/** kubectl/pkg/explain: the schema that the API server publishes, as text of 80 columns. */

const WRAP = 80;

export function typeName(schema: Schema): string {
  switch (schema.type) {
    case "array":
      return `[]${typeName(schema.items ?? { type: "any", description: "" })}`;
    case "map":
      return `map[string]${typeName(schema.items ?? { type: "any", description: "" })}`;
    case "object":
      return "Object";
    case "intOrString":
      return "string";
    case "any":
      return "";
    default:
      return schema.type;
  }
}

function wrapped(text: string, indent: number): string {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/).filter(Boolean)) {
    if (line && line.length + 1 + word.length > WRAP - indent) {
      lines.push(line);
      line = "";
    }
    line = line ? `${line} ${word}` : word;
  }
  if (line) lines.push(line);
  return lines.map((l) => `${" ".repeat(indent)}${l}\n`).join("");
}

/** What is inside lists and maps. */
function inner(schema: Schema): Schema {
  return (schema.type === "array" || schema.type === "map") && schema.items
    ? inner(schema.items)
    : schema;
}

function lookup(kind: Kind, path: readonly string[]): Schema {
  let schema = kind.schema;
  for (const field of path) {
    const at = inner(schema);
    // A value without parts is what is meant, whatever else was said.
    if (at.type !== "object") return at;
    const next = at.properties?.[field];
    if (!next) throw new KubectlError(`error: field "${field}" does not exist`);
    schema = next;
  }
  return schema;
}

function fields(schema: Schema, indent: number): string {
  const { properties = {}, required = [] } = schema;
  return Object.keys(properties)
    .sort()
    .map((key) => {
      const field = properties[key] as Schema;
      const mark = required.includes(key) ? " -required-" : "";
      return `${" ".repeat(indent)}${key}\t<${typeName(field)}>${mark}\n${wrapped(field.description, indent + 2)}\n`;
    })
    .join("");
}

function tree(schema: Schema, indent: number, depth = 0): string {
  const { properties = {} } = schema;
  if (depth > 12) return "";
  return Object.keys(properties)
    .sort()
    .map((key) => {
      const field = properties[key] as Schema;
      const below = inner(field);
      const line = `${" ".repeat(indent)}${key}\t<${typeName(field)}>\n`;
      return below.type === "object" ? line + tree(below, indent + 3, depth + 1) : line;
    })
    .join("");
}

/** What `kubectl explain` prints of a field. Throws KubectlError when there is none. */
export function explained(kind: Kind, path: readonly string[], recursive = false): string {
  const schema = lookup(kind, path);
  const target = inner(schema);
  const name = path.at(-1) ?? "";
  const out = `KIND:     ${kind.kind}\nVERSION:  ${apiVersionOf(kind)}\n\n`;
  const descriptions = [schema.description, ...(target === schema ? [] : [target.description])]
    .filter(Boolean)
    .map((text) => wrapped(text, 5));
  const description = `DESCRIPTION:\n${descriptions.join("\n") || "     <empty>\n"}`;
  if (target.type !== "object") {
    const field = target.type === "any" ? "" : `FIELD:    ${name} <${typeName(schema)}>\n\n`;
    return out + field + description;
  }
  const resource = name ? `RESOURCE: ${name} <${typeName(schema)}>\n\n` : "";
  const list = recursive ? tree(target, 3) : fields(target, 3);
  return `${out}${resource}${description}\nFIELDS:\n${list}`;
}

export const explain: Verb = {
  name: "explain",
  summary: "Get documentation for a resource",
  usage: "kubectl explain TYPE[.FIELD...] [--recursive]",
  flags: { recursive: {}, "api-version": { value: "text" } },
  *run(k) {
    const [word] = k.args;
    if (word === undefined)
      throw new KubectlError(
        'error: You must specify the type of resource to explain. Use "kubectl api-resources" for a complete list of supported resources.\n',
      );
    if (k.args.length > 1)
      throw new KubectlError("error: We accept only this format: explain RESOURCE\n");
    const [type = "", ...path] = word.replace(/\.$/, "").split(".");
    const kind = k.kind(type);
    // "deployments.apps.spec": the group belongs to the type.
    const group = kind.group.split(".");
    if (kind.group && group.every((part, i) => path[i] === part)) path.splice(0, group.length);
    yield* k.p.out(explained(kind, path, k.has("recursive")));
    return 0;
  },
};
