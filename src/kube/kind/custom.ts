import type { CustomResourceDefinition, JsonSchema } from "../api/extensions.ts";
import type { KubeObject } from "../api/meta.ts";
import { since } from "../duration.ts";
import { type Column, defineKind, type Kind } from "../kind.ts";
import type { Schema } from "../schema.ts";
import { JsonPath, relaxedPath } from "../text/jsonpath.ts";
import { ageColumn, nameColumn } from "./cells.ts";
import { objectMeta } from "./meta-schema.ts";

function convert(schema: JsonSchema, name: string): Schema {
  const {
    description = "",
    items,
    additionalProperties,
    required,
    pattern,
    minimum,
    maximum,
  } = schema;
  const common = {
    description,
    name,
    ...(schema.enum ? { enum: schema.enum } : {}),
    ...(pattern === undefined ? {} : { pattern }),
    ...(minimum === undefined ? {} : { minimum }),
    ...(maximum === undefined ? {} : { maximum }),
  };
  if (schema["x-kubernetes-int-or-string"]) return { ...common, type: "intOrString" };
  if (schema.type === "array")
    return { ...common, type: "array", items: convert(items ?? {}, name) };
  if (schema.type === "object" && !schema.properties && additionalProperties)
    return {
      ...common,
      type: "map",
      items: convert(additionalProperties === true ? {} : additionalProperties, name),
    };
  if (schema.type === "object" || schema.properties) {
    const properties = Object.entries(schema.properties ?? {}).map(([key, field]) => [
      key,
      convert(field, `${name}.${key}`),
    ]);
    return {
      ...common,
      type: "object",
      properties: Object.fromEntries(properties) as Record<string, Schema>,
      required: required ?? [],
      open: schema["x-kubernetes-preserve-unknown-fields"] ?? false,
    };
  }
  const { type } = schema;
  if (type === "string" || type === "integer" || type === "number" || type === "boolean")
    return { ...common, type };
  return { ...common, type: "any" };
}

function columnOf(column: {
  name: string;
  type: string;
  jsonPath: string;
  priority?: number;
}): Column<KubeObject> {
  const path = new JsonPath(relaxedPath(column.jsonPath));
  return {
    name: column.name.toUpperCase(),
    ...(column.priority ? { wide: true } : {}),
    cell(object, view) {
      const [value] = path.values(object);
      if (value === undefined || value === null) return "";
      if (column.type === "date") return since(String(value), view.now);
      return typeof value === "object" ? JSON.stringify(value) : String(value);
    },
  };
}

/** "io.istio.security.v1beta1.AuthorizationPolicy": the definition's name as the API server publishes it. */
function definitionName(group: string, version: string, kind: string): string {
  return [...group.split(".").reverse(), version, kind].join(".");
}

/** The kind that a definition makes, in the version that it is kept in. */
export function customKind({ spec }: CustomResourceDefinition): Kind | null {
  const version = spec.versions.find((v) => v.storage) ?? spec.versions[0];
  if (!version) return null;
  const { names, group } = spec;
  const name = definitionName(group, version.name, names.kind);
  const own = convert(version.schema?.openAPIV3Schema ?? { type: "object" }, name);
  const schema: Schema = {
    ...own,
    type: "object",
    properties: {
      ...own.properties,
      apiVersion: {
        type: "string",
        description: "The version of the schema that this object follows.",
      },
      kind: { type: "string", description: "What the object is." },
      metadata: objectMeta,
    },
  };
  const columns = version.additionalPrinterColumns?.map(columnOf) ?? [];
  const hasAge = columns.length > 0;
  return defineKind<KubeObject>({
    group,
    version: version.name,
    kind: names.kind,
    plural: names.plural,
    singular: names.singular ?? names.kind.toLowerCase(),
    shortNames: names.shortNames ?? [],
    namespaced: spec.scope === "Namespaced",
    ...(names.categories ? { categories: names.categories } : {}),
    schema,
    columns: hasAge ? [nameColumn, ...columns] : [nameColumn, ageColumn],
    custom: true,
    hasStatus: version.subresources?.status !== undefined,
  });
}
