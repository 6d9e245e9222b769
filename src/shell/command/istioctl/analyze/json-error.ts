import { isObject } from "../../../../base/json.ts";
import type { Kind } from "../../../../kube/kind.ts";
import type { Schema } from "../../../../kube/schema.ts";
import { decode } from "../../../../kube/server/check.ts";
import { ApiError } from "../../../../kube/server/error.ts";

/** Enumerations by the fields that have them, as the .proto files name them. */
const ENUMS: Readonly<Record<string, string>> = {
  "AuthorizationPolicy.action": "istio.security.v1beta1.AuthorizationPolicy.Action",
  "PeerAuthentication.mode": "istio.security.v1beta1.PeerAuthentication.MutualTLS.Mode",
};

function typeOf(value: unknown): string {
  if (Array.isArray(value)) return "array";
  return typeof value === "boolean" ? "bool" : typeof value;
}

/** A message of Istio's from JSON (golang/protobuf: jsonpb/decode.go): fields that nobody knows are let be. */
function messageError(value: unknown, schema: Schema, kind: string, field: string): string | null {
  if (value === null || schema.type === "any") return null;
  const found = typeOf(value);
  const go = (type: string): string =>
    `json: cannot unmarshal ${found} into Go value of type ${type}`;
  if (schema.type === "array") {
    if (found !== "array") return go("[]json.RawMessage");
    for (const item of value as unknown[]) {
      const wrong = schema.items ? messageError(item, schema.items, kind, field) : null;
      if (wrong) return wrong;
    }
    return null;
  }
  if (schema.type === "object" || schema.type === "map") {
    if (!isObject(value)) return go("map[string]json.RawMessage");
    for (const [key, item] of Object.entries(value)) {
      const below = schema.type === "map" ? schema.items : schema.properties?.[key];
      const wrong = below ? messageError(item, below, kind, key) : null;
      if (wrong) return wrong;
    }
    return null;
  }
  if (schema.type === "boolean") return found === "bool" ? null : go("bool");
  if (found !== "string") return schema.type === "string" ? go("string") : null;
  if (schema.enum && !schema.enum.includes(value as string))
    return `unknown value ${JSON.stringify(JSON.stringify(value))} for enum ${ENUMS[`${kind}.${field}`] ?? field}`;
  return null;
}

/** What is wrong with an object before anybody looks at what it means; null when nothing is. */
export function decodeError(object: Record<string, unknown>, kind: Kind): string | null {
  if (kind.custom) {
    const spec = kind.schema.properties?.spec;
    return spec && object.spec !== undefined
      ? messageError(object.spec, spec, kind.kind, "spec")
      : null;
  }
  try {
    decode(object as never, kind, String(object.apiVersion));
    return null;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return error.message.replace(/^.*?cannot be handled as a \S+: /, "");
  }
}
