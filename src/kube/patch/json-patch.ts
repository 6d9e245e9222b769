import { clone, equal, isObject, type JsonObject } from "../../base/json.ts";

/** Why a JSON patch (RFC 6902) cannot be done. */
export class PatchError extends Error {}

type Value = JsonObject[string];

function steps(pointer: string): string[] {
  if (pointer === "") return [];
  return pointer
    .slice(1)
    .split("/")
    .map((part) => part.replace(/~1/g, "/").replace(/~0/g, "~"));
}

function parentOf(root: Value, path: string[], operation: string, pointer: string): Value {
  let at: Value = root;
  for (const key of path.slice(0, -1)) {
    const next: Value | undefined = Array.isArray(at)
      ? at[Number(key)]
      : isObject(at)
        ? at[key]
        : undefined;
    if (next === undefined)
      throw new PatchError(
        `${operation} operation does not apply: doc is missing path: "${pointer}": missing value`,
      );
    at = next;
  }
  return at;
}

function read(root: Value, pointer: string, operation: string): Value {
  const path = steps(pointer);
  if (path.length === 0) return root;
  const parent = parentOf(root, path, operation, pointer);
  const key = path.at(-1) as string;
  const found = Array.isArray(parent)
    ? parent[Number(key)]
    : isObject(parent)
      ? parent[key]
      : undefined;
  if (found === undefined)
    throw new PatchError(
      `${operation} operation does not apply: doc is missing key: ${pointer}: missing value`,
    );
  return found;
}

function add(root: Value, pointer: string, value: Value): void {
  const path = steps(pointer);
  const parent = parentOf(root, path, "add", pointer);
  const key = path.at(-1) as string;
  if (Array.isArray(parent)) {
    const at = key === "-" ? parent.length : Number(key);
    if (!(at >= 0 && at <= parent.length))
      throw new PatchError(`Unable to access invalid index: ${key}: invalid index referenced`);
    parent.splice(at, 0, clone(value));
  } else if (isObject(parent)) parent[key] = clone(value);
}

function remove(root: Value, pointer: string): void {
  read(root, pointer, "remove");
  const path = steps(pointer);
  const parent = parentOf(root, path, "remove", pointer);
  const key = path.at(-1) as string;
  if (Array.isArray(parent)) parent.splice(Number(key), 1);
  else if (isObject(parent)) delete parent[key];
}

/** The object after the operations, one after the other; throws PatchError. */
export function jsonPatch(target: JsonObject, operations: Value): JsonObject {
  if (!Array.isArray(operations))
    throw new PatchError("json: cannot unmarshal object into Go value of type jsonpatch.Patch");
  const out = clone(target);
  for (const operation of operations) {
    if (!isObject(operation)) continue;
    const path = String(operation.path ?? "");
    const from = String(operation.from ?? "");
    const value = operation.value ?? null;
    switch (operation.op) {
      case "add":
        add(out, path, value);
        break;
      case "remove":
        remove(out, path);
        break;
      case "replace": {
        read(out, path, "replace");
        const parent = parentOf(out, steps(path), "replace", path);
        const key = steps(path).at(-1) as string;
        if (Array.isArray(parent)) parent[Number(key)] = clone(value);
        else if (isObject(parent)) parent[key] = clone(value);
        break;
      }
      case "move": {
        const moved = read(out, from, "move");
        remove(out, from);
        add(out, path, moved);
        break;
      }
      case "copy":
        add(out, path, read(out, from, "copy"));
        break;
      case "test":
        if (!equal(read(out, path, "test"), value))
          throw new PatchError(`testing value ${path} failed: test failed`);
        break;
      default:
        throw new PatchError(`Unexpected kind: ${String(operation.op ?? "unknown")}`);
    }
  }
  return out;
}
