import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { CHROMIUM, site } from "./site.ts";

/** Compressed JavaScript before the first prompt: page, xterm, worker, the world. Not Monaco. */
const BUDGET = 300_000;

describe.skipIf(!CHROMIUM)("budget", () => {
  it("loads little before the first prompt", { timeout: 180_000 }, async () => {
    const place = await site();
    const assets = join(place, "assets");
    const html = readFileSync(join(place, "index.html"), "utf8");
    const first = [...html.matchAll(/(?:src|href)="\.\/assets\/([^"]+\.js)"/g)].map(
      ([, f]) => f ?? "",
    );
    const needed = new Set(first);
    // The worker is started by its address; what either imports statically comes along.
    for (const name of needed) {
      const text = readFileSync(join(assets, name), "utf8");
      for (const [, file] of text.matchAll(/new Worker\((?:new URL\()+[`"']([^`"']+\.js)[`"']/g))
        needed.add((file ?? "").split("/").pop() ?? "");
      for (const [, file] of text.matchAll(/\b(?:from|import)\s*[`"']\.\/([^`"']+\.js)[`"']/g))
        needed.add(file ?? "");
    }
    for (const name of readdirSync(assets)) if (/^ambient-2022.*\.js$/.test(name)) needed.add(name);
    let total = 0;
    for (const name of needed) {
      const size = gzipSync(readFileSync(join(assets, name)), { level: 9 }).length;
      total += size;
      console.log(`${String(size).padStart(8)}  ${name}`);
    }
    console.log(`${String(total).padStart(8)}  of ${BUDGET}`);
    expect([...needed].some((name) => name.startsWith("monaco"))).toBe(false);
    expect(needed.size).toBeGreaterThan(2);
    expect(total).toBeLessThanOrEqual(BUDGET);
  });
});
