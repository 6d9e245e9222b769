import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { CHROMIUM, site } from "./site.ts";

/** Compressed JavaScript before the first prompt: page, xterm, worker, the world. Not Monaco. */
const BUDGET = 300_000;

/** The same for an embed, whose terminal is a transcript; and its loader on the host page. */
const EMBED_BUDGET = 200_000;
const LOADER_BUDGET = 5_000;

function compressed(path: string): number {
  return gzipSync(readFileSync(path), { level: 9 }).length;
}

/** Scripts that a page needs before its first prompt, with what either imports statically. */
function needed(place: string, page: string): Set<string> {
  const assets = join(place, "assets");
  const html = readFileSync(join(place, page), "utf8");
  const first = [...html.matchAll(/(?:src|href)="[./]+\/assets\/([^"]+\.js)"/g)];
  const names = new Set(first.map(([, file]) => file ?? ""));
  // The worker is started by its address; what either imports statically comes along.
  for (const name of names) {
    const text = readFileSync(join(assets, name), "utf8");
    for (const [, file] of text.matchAll(/new Worker\((?:new URL\()+[`"']([^`"']+\.js)[`"']/g))
      names.add((file ?? "").split("/").pop() ?? "");
    for (const [, file] of text.matchAll(/\b(?:from|import)\s*[`"']\.\/([^`"']+\.js)[`"']/g))
      names.add(file ?? "");
  }
  return names;
}

/** Their sizes, printed; the sum. */
function weigh(place: string, names: Set<string>, budget: number): number {
  let total = 0;
  for (const name of names) {
    const size = compressed(join(place, "assets", name));
    total += size;
    console.log(`${String(size).padStart(8)}  ${name}`);
  }
  console.log(`${String(total).padStart(8)}  of ${budget}`);
  return total;
}

describe.skipIf(!CHROMIUM)("budget", () => {
  it("loads little before the first prompt", { timeout: 180_000 }, async () => {
    const place = await site();
    const names = needed(place, "index.html");
    for (const name of readdirSync(join(place, "assets")))
      if (/^ambient-2022.*\.js$/.test(name)) names.add(name);
    const total = weigh(place, names, BUDGET);
    expect([...names].some((name) => name.startsWith("monaco"))).toBe(false);
    expect(names.size).toBeGreaterThan(2);
    expect(total).toBeLessThanOrEqual(BUDGET);
  });

  it("loads less in an embed, and next to nothing on its host page", {
    timeout: 180_000,
  }, async () => {
    const place = await site();
    const names = needed(place, "embed/v1/index.html");
    const total = weigh(place, names, EMBED_BUDGET);
    expect([...names].some((name) => /monaco|xterm/.test(name))).toBe(false);
    expect(
      [...names].some((name) =>
        readFileSync(join(place, "assets", name), "utf8").includes("PREROUTING"),
      ),
    ).toBe(true);
    expect(total).toBeLessThanOrEqual(EMBED_BUDGET);
    const programs = readdirSync(join(place, "assets")).filter((name) =>
      /^install-.*\.js$/.test(name),
    );
    const later = programs.reduce((sum, name) => sum + compressed(join(place, "assets", name)), 0);
    console.log(`${String(later).padStart(8)}  programs, which come after the first prompt`);
    const loader = compressed(join(place, "embed/v1/embed.js"));
    console.log(`${String(loader).padStart(8)}  of ${LOADER_BUDGET}: embed.js`);
    expect(loader).toBeLessThanOrEqual(LOADER_BUDGET);
    expect(readFileSync(join(place, "embed/v1/embed.js"), "utf8")).not.toMatch(/\bimport[\s("']/);
  });
});
