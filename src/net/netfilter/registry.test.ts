import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { MATCHES, TARGETS } from "./registry.ts";

function files(folder: string): string[] {
  return readdirSync(join(import.meta.dirname, folder)).map((name) => name.replace(/\.ts$/, ""));
}

it("every file in match/ and target/ is registered under its own name", () => {
  expect(MATCHES.names().sort()).toEqual(files("match").sort());
  expect(TARGETS.names().sort()).toEqual(files("target").sort());
});

it("options that exclude or require others name options that there are", () => {
  for (const { name, options } of [...MATCHES.all(), ...TARGETS.all()])
    for (const option of options)
      for (const other of [...(option.excludes ?? []), ...(option.requires ?? [])])
        expect(
          options.map((one) => one.name),
          `${name} --${option.name}`,
        ).toContain(other);
});
