import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import axe from "axe-core";
import { type Browser, chromium, type Page } from "playwright";

/** Where Chromium is; empty where there is none, which test/run.mjs has said how to mend. */
export const CHROMIUM = process.env.CHROMIUM ?? "";
if (!CHROMIUM) console.warn("Browser tests are left out: CHROMIUM does not say where Chromium is.");

const root = resolve(import.meta.dirname, "../..");
const builds = join(root, "dist/browser");
const OLD = 30 * 60_000;

/** The site as it is built now: by whoever of a test run comes first, for all of its files. */
export async function site(): Promise<string> {
  const run = process.send ? process.ppid : process.pid;
  const place = join(builds, String(run));
  const ready = join(place, "ready");
  mkdirSync(builds, { recursive: true });
  let first = true;
  try {
    mkdirSync(place);
  } catch {
    first = false;
  }
  if (!first) {
    for (let i = 0; i < 600 && !existsSync(ready); i++) await sleep(200);
    return place;
  }
  for (const name of readdirSync(builds)) {
    const path = join(builds, name);
    if (Date.now() - statSync(path).mtimeMs > OLD) rmSync(path, { recursive: true, force: true });
  }
  const vite = join(root, "node_modules/vite/bin/vite.js");
  const args = [vite, "build", "--outDir", place, "--emptyOutDir", "--logLevel", "error"];
  const env = { ...process.env, NODE_ENV: "production", VITEST: "" };
  const built = spawnSync(process.execPath, args, { cwd: root, encoding: "utf8", env });
  if (built.status !== 0) throw new Error(`the site does not build:\n${built.stderr}`);
  writeFileSync(ready, "");
  return place;
}

const TYPES: Record<string, string> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".ttf": "font/ttf",
};

/** The built site on a free port, as any static server would have it. */
export function serve(place: string): Promise<Server> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    const file = join(place, pathname === "/" ? "index.html" : pathname);
    if (!file.startsWith(place) || !existsSync(file)) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { "content-type": TYPES[extname(file)] ?? "application/octet-stream" });
    response.end(readFileSync(file));
  });
  return new Promise((done) => server.listen(0, "127.0.0.1", () => done(server)));
}

/** A browser and a server for the tests of one file. */
export class Stage {
  server!: Server;
  browser!: Browser;
  address = "";
  /** The folder of the built site. */
  place = "";
  /** What pages complained about; a test that expects something takes it out. */
  complaints: string[] = [];

  async open(): Promise<void> {
    this.place = await site();
    this.server = await serve(this.place);
    this.address = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/`;
    this.browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
  }

  async close(): Promise<void> {
    await this.browser?.close();
    this.server?.close();
  }

  /** A fresh visitor's page. */
  async page(query = "", options: Parameters<Browser["newPage"]>[0] = {}): Promise<Page> {
    const page = await this.browser.newPage({
      viewport: { width: 1440, height: 900 },
      colorScheme: "dark",
      ...options,
    });
    page.setDefaultTimeout(30_000);
    page.on("pageerror", (error) => this.complaints.push(error.message));
    page.on("console", (message) => {
      if (message.type() === "error") this.complaints.push(message.text());
    });
    await page.goto(this.address + query);
    return page;
  }
}

/** What the terminal that is seen shows. */
export async function screen(page: Page): Promise<string> {
  return (await page.locator(".terminal.shown .xterm-rows").textContent()) ?? "";
}

/** Wait until the terminal shows it. */
export async function shows(page: Page, what: string | RegExp): Promise<void> {
  const rows = page.locator(".terminal.shown .xterm-rows");
  await rows.filter({ hasText: what }).waitFor();
}

/** Type a line in the terminal that is seen, key by key, as fast as the browser takes them. */
export async function type(page: Page, line: string): Promise<void> {
  await page.locator(".terminal.shown .xterm-helper-textarea").focus();
  const session = await page.context().newCDPSession(page);
  const press = (text: string, rest: object) =>
    (["keyDown", "keyUp"] as const).map((type) =>
      session.send("Input.dispatchKeyEvent", {
        type,
        ...(type === "keyDown" && { text }),
        ...rest,
      }),
    );
  const keys = [...line].flatMap((text) => press(text, { key: text }));
  await Promise.all([...keys, ...press("\r", { key: "Enter", windowsVirtualKeyCode: 13 })]);
  await session.detach();
}

/** What axe-core finds serious or critical, a line each. */
export async function serious(page: Page): Promise<string[]> {
  // The page's own policy forbids scripts from elsewhere; the debugger is not bound by it.
  const session = await page.context().newCDPSession(page);
  await session.send("Runtime.evaluate", { expression: axe.source });
  const { result } = await session.send("Runtime.evaluate", {
    expression: `axe.run().then(({ violations }) => violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .flatMap(({ id, nodes }) => nodes.map(({ target }) => id + " " + target.join(" "))))`,
    awaitPromise: true,
    returnByValue: true,
  });
  return result.value as string[];
}
