/**
 * What may stand in an object, as the API server publishes it (OpenAPI): it decides what is an
 * unknown field, is what `kubectl explain` prints, and says how lists are merged.
 */
export interface Schema {
  type:
    | "object"
    | "array"
    | "map"
    | "string"
    | "integer"
    | "number"
    | "boolean"
    | "intOrString"
    | "any";
  /** Its Go type: "io.k8s.api.core.v1.PodSpec", "Time", "Quantity". */
  name?: string;
  description: string;
  /** Of an object. */
  properties?: { readonly [field: string]: Schema };
  required?: readonly string[];
  /** Of an array's items, a map's values. */
  items?: Schema;
  enum?: readonly string[];
  /** Of an array: items with the same value of this field are the same item (strategic merge). */
  mergeKey?: string;
  /** Of an object: what it does not name is kept as it is. */
  open?: boolean;
  pattern?: string;
  minimum?: number;
  maximum?: number;
  default?: string | number | boolean;
}

export function string(description: string, values?: readonly string[]): Schema {
  return values ? { type: "string", description, enum: values } : { type: "string", description };
}

export function integer(description: string): Schema {
  return { type: "integer", description };
}

export function boolean(description: string): Schema {
  return { type: "boolean", description };
}

export function intOrString(description: string): Schema {
  return { type: "intOrString", description };
}

/** RFC 3339 text. */
export function time(description: string): Schema {
  return { type: "string", name: "Time", description };
}

/** Text by text: labels, a selector. */
export function map(description: string, items: Schema = string("")): Schema {
  return { type: "map", description, items };
}

export function array(description: string, items: Schema, mergeKey?: string): Schema {
  return mergeKey
    ? { type: "array", description, items, mergeKey }
    : { type: "array", description, items };
}

export function object(
  name: string,
  description: string,
  properties: { readonly [field: string]: Schema },
  required: readonly string[] = [],
): Schema {
  return { type: "object", name, description, properties, required };
}

/** An object that is kept whatever is in it: the parts of the API that nothing here reads. */
export function open(name: string, description: string): Schema {
  return { type: "object", name, description, properties: {}, open: true };
}
