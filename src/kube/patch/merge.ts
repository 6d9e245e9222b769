import { clone, equal, isObject, type JsonObject } from "../../base/json.ts";
import type { Schema } from "../schema.ts";

/** The schema of a field, as far as there is one. */
function fieldOf(schema: Schema | undefined, key: string): Schema | undefined {
  return schema?.type === "map" ? schema.items : schema?.properties?.[key];
}

function keyOf(item: unknown, mergeKey: string): unknown {
  return isObject(item) ? item[mergeKey] : undefined;
}

/**
 * What `kubectl apply` makes of three versions (k8s.io/apimachinery/pkg/util/strategicpatch,
 * CreateThreeWayMergePatch): what was applied last, what is applied now, what is there. Fields that
 * others have set stay; what was applied before and is not any more goes.
 */
export function threeWay(
  original: JsonObject,
  modified: JsonObject,
  current: JsonObject,
  schema: Schema | undefined,
): JsonObject {
  const out = clone(current);
  for (const [key, wanted] of Object.entries(modified)) {
    const there = current[key];
    const field = fieldOf(schema, key);
    const before = original[key];
    if (wanted === null) delete out[key];
    else if (isObject(wanted) && isObject(there))
      out[key] = threeWay(isObject(before) ? before : {}, wanted, there, field);
    else if (Array.isArray(wanted) && Array.isArray(there) && field?.mergeKey)
      out[key] = threeWayList(
        Array.isArray(before) ? before : [],
        wanted,
        there,
        field,
        field.mergeKey,
      );
    else out[key] = withoutNulls(clone(wanted));
  }
  for (const key of Object.keys(original)) if (!(key in modified)) delete out[key];
  return out;
}

function threeWayList(
  original: JsonObject[string][],
  modified: JsonObject[string][],
  current: JsonObject[string][],
  schema: Schema,
  mergeKey: string,
): JsonObject[string][] {
  const find = (list: JsonObject[string][], item: JsonObject[string]): JsonObject | undefined =>
    list.find((other) => equal(keyOf(other, mergeKey), keyOf(item, mergeKey))) as
      | JsonObject
      | undefined;
  const merged = modified.map((item) => {
    const there = find(current, item);
    const before = find(original, item);
    return isObject(item) && there
      ? threeWay(before ?? {}, item, there, schema.items)
      : clone(item);
  });
  const others = current.filter((item) => !find(modified, item) && !find(original, item));
  return [...merged, ...others.map(clone)];
}

function withoutNulls<T>(value: T): T {
  if (!isObject(value)) return value;
  const object: JsonObject = value;
  for (const [key, field] of Object.entries(object)) {
    if (field === null) delete object[key];
    else withoutNulls(field);
  }
  return value;
}

/** The merge patch (RFC 7386) that makes `to` of `from`. */
export function mergeDiff(from: JsonObject, to: JsonObject): JsonObject {
  const patch: JsonObject = {};
  for (const key of Object.keys(from)) if (!(key in to)) patch[key] = null;
  for (const [key, wanted] of Object.entries(to)) {
    const there = from[key];
    if (equal(wanted, there)) continue;
    patch[key] = isObject(wanted) && isObject(there) ? mergeDiff(there, wanted) : clone(wanted);
  }
  return patch;
}

/** RFC 7386. */
export function jsonMerge(
  target: JsonObject[string],
  patch: JsonObject[string],
): JsonObject[string] {
  if (!isObject(patch)) return clone(patch);
  const out: JsonObject = isObject(target) ? clone(target) : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete out[key];
    else out[key] = jsonMerge(out[key] ?? null, value);
  }
  return out;
}

/** A strategic merge patch: lists with a merge key are merged by it, `$patch` replaces or deletes. */
export function strategicMerge(
  target: JsonObject,
  patch: JsonObject,
  schema: Schema | undefined,
): JsonObject {
  if (patch.$patch === "replace") {
    const { $patch: _, ...rest } = patch;
    return clone(rest);
  }
  const out = clone(target);
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith("$")) continue;
    const field = fieldOf(schema, key);
    const there = out[key];
    if (value === null) delete out[key];
    else if (isObject(value)) {
      if (value.$patch === "delete") delete out[key];
      else out[key] = strategicMerge(isObject(there) ? there : {}, value, field);
    } else if (Array.isArray(value) && Array.isArray(there) && field?.mergeKey)
      out[key] = strategicList(there, value, field, field.mergeKey);
    else out[key] = clone(value);
  }
  return out;
}

function strategicList(
  target: JsonObject[string][],
  patch: JsonObject[string][],
  schema: Schema,
  mergeKey: string,
): JsonObject[string][] {
  if (
    patch.some(
      (item) => isObject(item) && item.$patch === "replace" && Object.keys(item).length === 1,
    )
  )
    return clone(patch.filter((item) => !(isObject(item) && item.$patch === "replace")));
  const out = [...target];
  for (const item of patch) {
    const at = out.findIndex((other) => equal(keyOf(other, mergeKey), keyOf(item, mergeKey)));
    if (!isObject(item)) continue;
    if (item.$patch === "delete") {
      if (at >= 0) out.splice(at, 1);
    } else if (at >= 0) out[at] = strategicMerge(out[at] as JsonObject, item, schema.items);
    else out.push(clone(item));
  }
  return out;
}
