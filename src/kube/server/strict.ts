import { isObject } from "../../base/json.ts";
import type { Kind } from "../kind.ts";
import type { Schema } from "../schema.ts";

/**
 * What kubectl finds wrong before it sends an object (k8s.io/kube-openapi/pkg/util/proto/validation):
 * unknown fields, missing ones, values of another type.
 */
export function schemaErrors(object: unknown, kind: Kind): string[] {
  const errors: string[] = [];
  check(object, kind.schema, kind.kind, kind.schema.name ?? kind.kind, errors);
  return errors;
}

function typeOf(value: unknown): string {
  if (Array.isArray(value)) return "array";
  if (typeof value === "object") return "map";
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "number";
  return typeof value;
}

function fits(schema: Schema, found: string): boolean {
  switch (schema.type) {
    case "any":
      return true;
    case "object":
    case "map":
      return found === "map";
    case "array":
      return found === "array";
    case "string":
    case "intOrString":
      // The server, not the client, minds numbers where text is meant.
      return found !== "map" && found !== "array";
    case "number":
      return found === "integer" || found === "number";
    default:
      return found === schema.type;
  }
}

function expected(schema: Schema): string {
  if (schema.type === "object") return "map";
  return schema.type === "intOrString" ? "string" : schema.type;
}

/** `path`: "Deployment.spec.template"; `definition`: the type's name, or a field of it. */
function check(
  value: unknown,
  schema: Schema,
  path: string,
  definition: string,
  errors: string[],
): void {
  const fail = (text: string): number => errors.push(`ValidationError(${path}): ${text}`);
  const found = typeOf(value);
  if (!fits(schema, found)) {
    fail(`invalid type for ${definition}: got "${found}", expected "${expected(schema)}"`);
    return;
  }
  if (schema.type === "array" && Array.isArray(value) && schema.items)
    for (const [i, item] of value.entries())
      if (item === null) errors.push(`unknown object type "nil" in ${path}[${i}]`);
      else check(item, schema.items, `${path}[${i}]`, schema.items.name ?? definition, errors);
  if (!isObject(value)) return;
  if (schema.type === "map" && schema.items)
    for (const [key, item] of Object.entries(value))
      if (item === null) errors.push(`unknown object type "nil" in ${path}.${key}`);
      else check(item, schema.items, `${path}.${key}`, schema.items.name ?? definition, errors);
  if (schema.type !== "object") return;
  const properties = schema.properties ?? {};
  for (const key of Object.keys(value).sort()) {
    const field = value[key];
    const known = properties[key];
    if (!known) {
      if (!schema.open) fail(`unknown field "${key}" in ${schema.name}`);
    } else if (field === null) {
      // Text that is null is no text; of anything else the client does not know what it is.
      if (known.type !== "string") errors.push(`unknown object type "nil" in ${path}.${key}`);
    } else
      check(
        field,
        known,
        `${path}.${key}`,
        known.type === "object" ? (known.name ?? "") : `${schema.name}.${key}`,
        errors,
      );
  }
  for (const key of schema.required ?? [])
    if (!(key in value)) fail(`missing required field "${key}" in ${schema.name}`);
}
