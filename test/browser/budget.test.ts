import { readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CHROMIUM, Stage } from "./site.ts";

/** Compressed JavaScript before the page's first prompt: page, xterm, worker, the world. Not Monaco. */
const PAGE = 300_000;
/** What the worker needs of it, the world included. */
const WORKER = 150_000;
/** An embed, whose terminal is a transcript: until its first packet moves, with what its world needs. */
const FIRST_PACKET: Record<string, number> = {
  linux: 156_000,
  router: 179_000,
  services: 294_000,
  "ambient-2022": 445_000,
  ambient: 458_000,
};
/** The embed's element on its host page. */
const LOADER = 5_000;
/** What sends that packet. */
const PINGS: Record<string, string> = {
  linux: "ping -c 1 127.0.0.1",
  router: "ip netns exec client ping -c 1 10.2.0.10",
  services: "ping -c 1 172.18.0.3",
  "ambient-2022": "ping -c 1 10.4.4.1",
  ambient: "ping -c 1 10.244.1.1",
};

describe.skipIf(!CHROMIUM)("budget", () => {
  const stage = new Stage();
  beforeAll(() => stage.open(), 180_000);
  afterAll(() => stage.close());

  function text(path: string): string {
    return readFileSync(join(stage.place, path), "utf8");
  }

  /** Their compressed sizes, printed; the sum. */
  function weigh(title: string, files: Iterable<string>, budget: number): number {
    let total = 0;
    for (const path of files) {
      const size = gzipSync(readFileSync(join(stage.place, path)), { level: 9 }).length;
      total += size;
      console.log(`${String(size).padStart(8)}  ${basename(path)}`);
    }
    console.log(`${String(total).padStart(8)}  of ${budget}: ${title}`);
    return total;
  }

  /** With what they import statically. */
  function closure(files: Iterable<string>): Set<string> {
    const all = new Set(files);
    for (const path of all)
      for (const [, file] of text(path).matchAll(
        /\b(?:from|import)\s*[`"']\.\/([^`"']+\.js)[`"']/g,
      ))
        all.add(join(dirname(path), file ?? ""));
    return all;
  }

  /** Scripts that a page loads at once, and the worker that they start. */
  function firstOf(page: string): { scripts: Set<string>; worker: Set<string> } {
    const linked = [...text(page).matchAll(/(?:src|href)="[./]+\/(assets\/[^"]+\.js)"/g)];
    const scripts = closure(linked.map(([, file]) => file ?? ""));
    const workers = [...scripts].flatMap((path) =>
      [...text(path).matchAll(/new Worker\((?:new URL\()+[`"']([^`"']+\.js)[`"']/g)].map(
        ([, file]) => join("assets", basename(file ?? "")),
      ),
    );
    return { scripts, worker: closure(workers) };
  }

  it("loads little before the first prompt, and little of it is the worker's", () => {
    const { scripts, worker } = firstOf("index.html");
    const all = new Set([...scripts, ...worker]);
    expect([...all].some((path) => /monaco/.test(path))).toBe(false);
    expect([...worker].some((path) => text(path).includes("PREROUTING"))).toBe(true);
    expect(weigh("the worker's first part", worker, WORKER)).toBeLessThanOrEqual(WORKER);
    expect(weigh("before the page's first prompt", all, PAGE)).toBeLessThanOrEqual(PAGE);
  });

  for (const [world, budget] of Object.entries(FIRST_PACKET))
    it(`loads what ${world} needs, and no more, until a frame's first packet moves`, async () => {
      const asked = new Set<string>();
      const context = await stage.browser.newContext();
      // Of the context: a worker's requests are not its page's.
      context.on("request", (request) => {
        const { pathname } = new URL(request.url());
        if (pathname.endsWith(".js")) asked.add(pathname);
      });
      const page = await context.newPage();
      page.setDefaultTimeout(30_000);
      await page.goto(`${stage.address}embed/v1/index.html?world=${world}&view=terminal`);
      await page.locator(".transcript.shown input").fill(PINGS[world] ?? "");
      await page.keyboard.press("Enter");
      await page.locator(".transcript.shown .row").filter({ hasText: "1 received" }).waitFor();
      const needed = [...asked];
      await context.close();
      expect(needed.some((path) => /monaco|xterm/.test(path))).toBe(false);
      expect(needed.some((path) => /\/(ping|sock)-/.test(path))).toBe(true);
      expect(weigh(`${world}, in a frame`, needed, budget)).toBeLessThanOrEqual(budget);
    });

  it("is next to nothing on its host page", () => {
    expect(weigh("the element", ["embed/v1/embed.js"], LOADER)).toBeLessThanOrEqual(LOADER);
    expect(text("embed/v1/embed.js")).not.toMatch(/\bimport[\s("']/);
  });
});
