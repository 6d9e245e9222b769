import { isObject, type JsonObject } from "../../base/json.ts";
import type { FieldError, Kind } from "../kind.ts";
import type { Schema } from "../schema.ts";
import { ApiError } from "./error.ts";

/** What the API server does with an object before anybody looks at what it means. */

/** Leave out what the schema does not know. Changes the object. */
export function prune(value: unknown, schema: Schema): void {
  if (Array.isArray(value)) {
    if (schema.items) for (const item of value) prune(item, schema.items);
    return;
  }
  if (!isObject(value)) return;
  for (const [key, field] of Object.entries(value)) {
    if (field === null) {
      // A template's time is none, and is written so (metav1.Time, MarshalJSON).
      if (key !== "creationTimestamp") delete value[key];
      continue;
    }
    const known = schema.type === "map" ? schema.items : schema.properties?.[key];
    if (known) prune(field, known);
    else if (schema.type === "object" && !schema.open) delete value[key];
  }
}

/** To Go a specification that nobody wrote is an empty struct, not nothing. Changes the object. */
export function fillStructs(value: JsonObject, schema: Schema): void {
  for (const key of ["spec", "template"]) {
    const field = schema.properties?.[key];
    if (field?.type !== "object" || field.open) continue;
    value[key] ??= {};
    if (isObject(value[key])) fillStructs(value[key], field);
  }
}

/** Go's decoder of a built-in kind takes no number for a text. Throws ApiError BadRequest. */
export function decode(object: JsonObject, kind: Kind, apiVersion: string): void {
  const refuse = (found: string, path: string, wanted: string): never => {
    throw new ApiError(
      "BadRequest",
      `${kind.kind} in version "${apiVersion.split("/").pop()}" cannot be handled as a ${kind.kind}: json: cannot unmarshal ${found} into Go struct field ${path} of type ${wanted}`,
    );
  };
  const visit = (value: unknown, schema: Schema, struct: string, path: string): void => {
    const at = `${struct}.${path}`;
    const found = Array.isArray(value)
      ? "array"
      : typeof value === "boolean"
        ? "bool"
        : typeof value;
    if (schema.type === "string" && found !== "string") refuse(found, at, "string");
    if (schema.type === "boolean" && found !== "bool") refuse(found, at, "bool");
    if (schema.type === "integer" && (found !== "number" || !Number.isInteger(value)))
      refuse(found === "number" ? `number ${value}` : found, at, "int32");
    if (Array.isArray(value) && schema.items)
      for (const item of value) visit(item, schema.items, struct, path);
    if (!isObject(value)) return;
    for (const [key, field] of Object.entries(value)) {
      if (field === null) continue;
      if (schema.type === "map" && schema.items) visit(field, schema.items, struct, path);
      const known = schema.type === "object" ? schema.properties?.[key] : undefined;
      if (known) visit(field, known, goName(schema), path ? `${path}.${key}` : key);
    }
  };
  visit(object, kind.schema, kind.kind, "");
}

function goName(schema: Schema): string {
  return schema.name?.split(".").pop() ?? "";
}

/** What is missing, or none of the values that may be; for custom kinds also values of another type. */
export function schemaCauses(object: JsonObject, kind: Kind): FieldError[] {
  const errors: FieldError[] = [];
  visit(object, kind.schema, "", kind.custom ?? false, errors);
  return errors;
}

function typeOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "number";
  return typeof value;
}

function fits(schema: Schema, found: string): boolean {
  if (schema.type === "any") return true;
  if (schema.type === "map") return found === "object";
  if (schema.type === "intOrString") return found === "integer" || found === "string";
  if (schema.type === "number") return found === "number" || found === "integer";
  return schema.type === found;
}

function visit(
  value: unknown,
  schema: Schema,
  path: string,
  custom: boolean,
  errors: FieldError[],
): void {
  const found = typeOf(value);
  const add = (message: string): number => errors.push({ field: path, message });
  if (custom && !fits(schema, found)) {
    const wanted =
      schema.type === "map" ? "object" : schema.type === "intOrString" ? "integer" : schema.type;
    add(`Invalid value: "${found}": ${path} in body must be of type ${wanted}: "${found}"`);
    return;
  }
  if (schema.enum && typeof value === "string" && value !== "" && !schema.enum.includes(value))
    add(
      `Unsupported value: "${value}": supported values: ${schema.enum.map((v) => `"${v}"`).join(", ")}`,
    );
  if (typeof value === "string" && schema.pattern && !new RegExp(schema.pattern).test(value))
    add(`Invalid value: "${value}": ${path} in body should match '${schema.pattern}'`);
  if (typeof value === "number" && schema.minimum !== undefined && value < schema.minimum)
    add(
      `Invalid value: ${value}: ${path} in body should be greater than or equal to ${schema.minimum}`,
    );
  if (typeof value === "number" && schema.maximum !== undefined && value > schema.maximum)
    add(
      `Invalid value: ${value}: ${path} in body should be less than or equal to ${schema.maximum}`,
    );
  if (Array.isArray(value) && schema.items)
    for (const [i, item] of value.entries())
      visit(item, schema.items, `${path}[${i}]`, custom, errors);
  if (!isObject(value)) return;
  for (const [key, field] of Object.entries(value)) {
    const known = schema.type === "map" ? schema.items : schema.properties?.[key];
    if (known && field !== null) visit(field, known, path ? `${path}.${key}` : key, custom, errors);
  }
  for (const key of schema.required ?? [])
    if (value[key] === undefined || value[key] === null || value[key] === "")
      errors.push({
        field: path ? `${path}.${key}` : key,
        message: custom ? "Required value" : "Required value",
      });
}
