/**
 * JSON as iproute2 writes it (iproute2: lib/json_writer.c): on one line, or with -p indented its own way.
 * Null stands for a fact without a value.
 */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [name: string]: Json };

function inline(value: Json): string {
  return JSON.stringify(value);
}

function indented(value: Json, depth: number): string {
  const line = (at: number): string => `\n${"    ".repeat(at)}`;
  if (Array.isArray(value))
    return value.length
      ? `[ ${value.map((one: Json) => indented(one, depth + 1)).join(",")} ]`
      : "[ ]";
  if (value === null || typeof value !== "object") return inline(value);
  const fields = Object.entries(value as { [name: string]: Json });
  if (fields.length === 0) return "{}";
  const inside = fields.map(
    ([name, one]) => `${line(depth + 1)}${inline(name)}: ${indented(one, depth + 1)}`,
  );
  return `{${inside.join(",")}${line(depth)}}`;
}

/** A list as a whole output, with its newline. */
export function jsonText(list: readonly Json[], pretty: boolean): string {
  return `${pretty ? indented(list, 0) : inline(list)}\n`;
}
