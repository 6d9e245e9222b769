import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { kinds } from "./kinds.ts";
import type { Schema } from "./schema.ts";

function walk(schema: Schema, path: string, visit: (schema: Schema, path: string) => void): void {
  visit(schema, path);
  if (schema.items) walk(schema.items, `${path}[]`, visit);
  for (const [key, field] of Object.entries(schema.properties ?? {}))
    walk(field, `${path}.${key}`, visit);
}

describe("the table of kinds", () => {
  it("names every file of kind/ that defines one", () => {
    const folder = join(import.meta.dirname, "kind");
    const defining = readdirSync(folder).filter((name) => {
      const text = readFileSync(join(folder, name), "utf8");
      return name !== "custom.ts" && /defineKind</.test(text);
    });
    const table = readFileSync(join(import.meta.dirname, "kinds.ts"), "utf8");
    expect(defining.filter((name) => !table.includes(`./kind/${name}`))).toEqual([]);
    expect(defining).toHaveLength(kinds.length);
  });

  it("no two go by the same name", () => {
    const names = kinds.flatMap((k) => [...new Set([k.plural, k.singular, ...k.shortNames])]);
    expect(names).toEqual([...new Set(names)]);
  });

  it.each(kinds.map((kind) => [kind.kind, kind] as const))(
    "%s: each field says what it is",
    (_, kind) => {
      const silent: string[] = [];
      walk(kind.schema, kind.kind, (schema, path) => {
        if (!schema.description && !path.endsWith("[]") && schema.type !== "string")
          silent.push(path);
        for (const field of schema.required ?? [])
          if (!schema.properties?.[field]) silent.push(`${path} requires ${field}`);
      });
      expect(silent).toEqual([]);
      expect(Object.isFrozen(kind)).toBe(true);
    },
  );
});
