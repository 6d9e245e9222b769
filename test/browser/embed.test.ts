import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { extname, join, resolve } from "node:path";
import { type Browser, chromium, type Frame, type Page } from "playwright";
import ts from "typescript";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { loadLesson } from "../../src/lab/lessons.ts";
import { CHROMIUM, serious, site } from "./site.ts";

const TYPES: Record<string, string> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
};

function listen(server: Server): Promise<string> {
  return new Promise((done) =>
    server.listen(0, "127.0.0.1", () =>
      done(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    ),
  );
}

/** The built site, as a server has it that lets others read, or does not. */
function siteServer(place: string, open: boolean): Server {
  return createServer((request, response) => {
    let { pathname } = new URL(request.url ?? "/", "http://localhost");
    if (pathname.endsWith("/")) pathname += "index.html";
    const file = join(place, pathname);
    if (!file.startsWith(place) || !existsSync(file)) return response.writeHead(404).end();
    const type = TYPES[extname(file)] ?? "application/octet-stream";
    const cors = open ? { "access-control-allow-origin": "*" } : {};
    return response.writeHead(200, { "content-type": type, ...cors }).end(readFileSync(file));
  });
}

const servers: Server[] = [];
let browser: Browser;
/** Where Hopscope is, where it is without the header, and the host page's own origin. */
let hopscope = "";
let closed = "";
let host = "";
let html = "";
let policy = "";
let complaints: string[] = [];

async function open(body: string, options: Parameters<Browser["newPage"]>[0] = {}): Promise<Page> {
  html = `<!doctype html><meta charset="utf-8"><title>docs</title><link rel="icon" href="data:,">
<script type="module" src="${hopscope}/embed/v1/embed.js"></script>${body}`;
  const page = await browser.newPage({ viewport: { width: 1000, height: 800 }, ...options });
  page.setDefaultTimeout(30_000);
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  await page.addInitScript(() => {
    const heard: [string, unknown][] = [];
    Object.assign(window, { heard });
    for (const name of [
      "ready",
      "resize",
      "step",
      "attempted",
      "passed",
      "completed",
      "hint",
      "error",
    ])
      addEventListener(
        name,
        (event) => {
          if (event.target instanceof Element && event.target.localName === "hop-scope")
            heard.push([name, (event as CustomEvent).detail]);
        },
        true,
      );
  });
  await page.goto(`${host}/`);
  return page;
}

/** Wait for one thing that an element says; its detail. */
async function said(page: Page, name: string): Promise<Record<string, unknown>> {
  await page.waitForFunction(
    (wanted) => (window as unknown as { heard: [string][] }).heard.some(([n]) => n === wanted),
    name,
  );
  const { verb, ...detail } = await page.evaluate(
    (wanted) =>
      (window as unknown as { heard: [string, never][] }).heard.find(([n]) => n === wanted)?.[1] ??
      ({} as Record<string, unknown>),
    name,
  );
  // Names of xAPI's verbs: what happened, but for what it has no word for.
  const word = { ready: "initialized", step: "progressed", hint: "", error: "", resize: "" }[name];
  expect(verb).toBe(word === "" ? "" : `http://adlnet.gov/expapi/verbs/${word ?? name}`);
  return detail;
}

async function frameOf(page: Page, n = 0): Promise<Frame> {
  const handle = await page.locator("hop-scope iframe").nth(n).elementHandle();
  const frame = await handle?.contentFrame();
  if (!frame) throw new Error("there is no frame");
  return frame;
}

async function prompt(frame: Frame, what: string | RegExp = /# $/): Promise<void> {
  await frame.locator(".transcript.shown .row").filter({ hasText: what }).first().waitFor();
}

async function type(frame: Frame, line: string): Promise<void> {
  await frame.locator(".transcript.shown input").fill(line);
  await frame.locator(".transcript.shown input").press("Enter");
}

describe.skipIf(!CHROMIUM)("an embed", { timeout: 90_000 }, () => {
  beforeAll(async () => {
    const place = await site();
    const page = createServer((request, response) => {
      if (request.url !== "/") return response.writeHead(404).end();
      const csp: Record<string, string> = policy ? { "content-security-policy": policy } : {};
      return response.writeHead(200, { "content-type": "text/html", ...csp }).end(html);
    });
    servers.push(siteServer(place, true), siteServer(place, false), page);
    [hopscope = "", closed = "", host = ""] = await Promise.all(servers.map(listen));
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
  }, 240_000);
  afterAll(async () => {
    await browser?.close();
    for (const server of servers) server.close();
  });
  afterEach(() => {
    policy = "";
    complaints = [];
  });

  it("runs a lesson's step across origins and under a strict policy, and says what is done", async () => {
    policy = `default-src 'none'; script-src ${hopscope}; frame-src ${hopscope}; img-src data:; require-trusted-types-for 'script'`;
    const page = await open(
      `<input id="mine"><hop-scope lesson="ambient-outbound" step="2" view="terminal journey" start="click"><pre>ip rule</pre></hop-scope>`,
    );
    await page.locator("#mine").focus();
    await page.evaluate(() => void document.querySelector("hop-scope")?.start());
    expect(await said(page, "ready")).toEqual({
      world: "ambient-2022",
      lesson: "ambient-outbound",
      storage: true,
    });
    expect(await said(page, "step")).toMatchObject({
      step: 2,
      steps: 6,
      title: "From mark to table",
    });
    expect(await page.locator("hop-scope iframe").getAttribute("sandbox")).toBe(
      "allow-scripts allow-same-origin allow-downloads",
    );
    await page.evaluate(() =>
      document
        .querySelector("hop-scope")
        ?.run("node-a# ip route get 10.8.14.226 mark 0x100\nsleep# curl -s 10.8.14.226:9080/"),
    );
    expect(await said(page, "attempted")).toEqual({ lesson: "ambient-outbound", step: 2 });
    expect(await said(page, "passed")).toMatchObject({ step: 2 });
    const frame = await frameOf(page);
    await prompt(frame, "Simple Bookstore App");
    // Whatever is typed by call, the reader's own focus stays where it was.
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("mine");
    await frame.locator(".journeys .list .row").first().waitFor();
    expect(complaints).toEqual([]);
    await page.close();
  });

  it("takes up its room at once: nothing moves when it comes, and the children stay for print", async () => {
    const page = await open(
      `<link rel="stylesheet" href="${hopscope}/embed/v1/embed.css"><hop-scope world="linux" view="terminal" height="300"><pre>ip a</pre><p>a figure</p></hop-scope><p id="below">below</p>`,
    );
    await page.waitForFunction(() => customElements.get("hop-scope"));
    const before = await page.locator("#below").boundingBox();
    await prompt(await frameOf(page));
    await page.waitForTimeout(200);
    expect(await page.locator("#below").boundingBox()).toEqual(before);
    const shift = await page.evaluate(
      () =>
        new Promise<number>((done) => {
          let sum = 0;
          new PerformanceObserver((list) => {
            for (const entry of list.getEntries())
              sum += (entry as unknown as { value: number }).value;
          }).observe({ type: "layout-shift", buffered: true });
          setTimeout(() => done(sum), 100);
        }),
    );
    expect(shift).toBe(0);
    expect(await page.locator("hop-scope pre").isVisible()).toBe(false);
    await page.emulateMedia({ media: "print" });
    expect(await page.locator("hop-scope pre").isVisible()).toBe(true);
    expect(await page.locator("hop-scope iframe").isVisible()).toBe(false);
    await page.close();
  });

  it("asks for nothing before it is nearly seen, and ten on a page move nothing", async () => {
    const ten = ["linux", "router", "services", "underlay", "ambient-2022"].flatMap((world) => [
      `<div style="height:1300px"></div><hop-scope world="${world}" view="terminal"></hop-scope>`,
      `<div style="height:1300px"></div><hop-scope world="${world}" view="terminal map"></hop-scope>`,
    ]);
    html = "";
    const page = await browser.newPage({ viewport: { width: 1000, height: 800 } });
    page.setDefaultTimeout(30_000);
    const asked: string[] = [];
    page.context().on("request", (request) => {
      if (request.url().startsWith(hopscope)) asked.push(new URL(request.url()).pathname);
    });
    await page.addInitScript(() => {
      const state = { shift: 0, ready: 0 };
      Object.assign(window, { state });
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries())
          state.shift += (entry as unknown as { value: number }).value;
      }).observe({ type: "layout-shift", buffered: true });
      addEventListener("ready", () => state.ready++, true);
    });
    html = `<!doctype html><meta charset="utf-8"><title>docs</title><link rel="icon" href="data:,">
<link rel="stylesheet" href="${hopscope}/embed/v1/embed.css">
<script type="module" src="${hopscope}/embed/v1/embed.js"></script>${ten.join("")}`;
    await page.goto(`${host}/`);
    await page.waitForFunction(() => customElements.get("hop-scope"));
    await page.waitForTimeout(300);
    expect(asked.sort()).toEqual(["/embed/v1/embed.css", "/embed/v1/embed.js"]);
    expect(page.workers()).toHaveLength(0);
    const state = (): Promise<{ shift: number; ready: number }> =>
      page.evaluate(() => (window as unknown as { state: { shift: number; ready: number } }).state);
    for (const n of ten.keys()) {
      await page
        .locator("hop-scope")
        .nth(n)
        .evaluate((element) => element.scrollIntoView({ block: "center" }));
      await expect.poll(async () => (await state()).ready, { timeout: 20_000 }).toBe(n + 1);
      // Those below are not there yet.
      expect(await page.locator("hop-scope iframe").count()).toBe(n + 1);
      expect(page.workers()).toHaveLength(n + 1);
    }
    expect((await state()).shift).toBe(0);
    expect(asked.some((path) => /monaco|xterm/.test(path))).toBe(false);
    await page.close();
  });

  it("of several that were looked at, only those in sight have a worker", async () => {
    const frame = `<div style="height:1500px"></div><iframe loading="lazy" width="600" height="300" src="${hopscope}/embed/v1/?world=router&view=terminal&pause=0.2"></iframe>`;
    const page = await open(frame.repeat(4));
    const workers = (): number => page.workers().length;
    for (const n of [0, 1, 2, 3, 1]) {
      const one = page.locator("iframe").nth(n);
      await one.evaluate((element) => element.scrollIntoView({ block: "center" }));
      const handle = await one.elementHandle();
      await prompt((await handle?.contentFrame()) as Frame);
      await expect.poll(workers).toBe(1);
    }
    await page.close();
  });

  it("is only its children where JavaScript is blocked", async () => {
    const page = await open(`<hop-scope lesson="marks"><pre>ip rule</pre></hop-scope>`, {
      javaScriptEnabled: false,
    });
    expect(await page.locator("hop-scope pre").isVisible()).toBe(true);
    expect(await page.locator("iframe").count()).toBe(0);
    await page.close();
  });

  it("starts by a click, runs what it is told, and several share nothing", async () => {
    const page = await open(
      `<hop-scope world="linux" view="terminal" start="click" run="echo first > /tmp/a"><pre>a</pre></hop-scope>
       <hop-scope world="linux" view="terminal" start="now" at="linux"></hop-scope>`,
    );
    await page.locator("hop-scope iframe").waitFor({ state: "attached" });
    expect(await page.locator("hop-scope iframe").count()).toBe(1);
    await page.getByRole("button", { name: "Run it here" }).click();
    await page.locator("hop-scope").first().locator("iframe").waitFor();
    const first = await frameOf(page, 0);
    const second = await frameOf(page, 1);
    await prompt(first, "echo first");
    await type(first, "cat /tmp/a");
    await prompt(first, /^first$/);
    await type(second, "cat /tmp/a");
    await prompt(second, "No such file");
    await page.close();
  });

  it("speaks the language of the page around it, or its own", async () => {
    const page = await open(
      `<section lang="de"><hop-scope world="linux" view="terminal" start="now"></hop-scope>
       <hop-scope world="linux" view="terminal" start="now" lang="en"></hop-scope></section>`,
    );
    await page.locator("hop-scope iframe").nth(1).waitFor({ state: "attached" });
    const [german, english] = [await frameOf(page, 0), await frameOf(page, 1)];
    await german.getByRole("button", { name: "Zurücksetzen" }).waitFor();
    await english.getByRole("button", { name: "Reset" }).waitFor();
    await page.close();
  });

  it("keeps, gives back and rewinds what was done, and follows the theme", async () => {
    const page = await open(
      `<hop-scope world="linux" view="terminal tables" theme="dark" start="now"></hop-scope>`,
    );
    await said(page, "ready");
    const frame = await frameOf(page);
    const theme = (): Promise<string | undefined> =>
      frame.evaluate(() => document.documentElement.dataset.theme);
    expect(await theme()).toBe("dark");
    await page.evaluate(() => document.querySelector("hop-scope")?.setAttribute("theme", "light"));
    await frame.waitForFunction(() => document.documentElement.dataset.theme === "light");
    await type(frame, "sleep 1; echo one > /tmp/kept; echo done");
    await prompt(frame, /^done$/);
    const state = await page.evaluate(() => document.querySelector("hop-scope")?.getState());
    expect(state?.length).toBeGreaterThan(40);
    await page.evaluate(() => document.querySelector("hop-scope")?.reset());
    await type(frame, "cat /tmp/kept");
    await prompt(frame, "No such file");
    await page.evaluate((text) => document.querySelector("hop-scope")?.setState(text ?? ""), state);
    await type(frame, "cat /tmp/kept");
    await prompt(frame, /^one$/);
    await page.evaluate(() => document.querySelector("hop-scope")?.seek(0.05));
    await frame.getByRole("button", { name: "Back to now" }).waitFor();
    await type(frame, "ls /tmp/kept");
    await prompt(frame, "No such file");
    await page.evaluate(() => document.querySelector("hop-scope")?.seek(null));
    await frame.getByRole("button", { name: "Back to now" }).waitFor({ state: "detached" });
    const wrong = await page.evaluate(() =>
      document
        .querySelector("hop-scope")
        ?.run("ls", "nowhere")
        .catch((error: Error) => error.message),
    );
    expect(wrong).toContain("There is no machine “nowhere”");
    await page.close();
  });

  it("begins at a lesson's last step as those before leave it, tells hints and the end, and is as high as it likes", async () => {
    const { steps } = loadLesson(resolve("lessons"), "one-packet-five-hooks");
    const solution = steps.at(-1)?.solution.map(({ at, run }) => `${at}# ${run}`) ?? [];
    const page = await open(
      `<hop-scope lesson="one-packet-five-hooks" step="${steps.length}" view="lesson terminal" height="auto" start="now"></hop-scope>`,
    );
    await said(page, "ready");
    const frame = await frameOf(page);
    await frame.locator(".lesson li button").first().click();
    expect(await said(page, "hint")).toMatchObject({ step: steps.length });
    await page.evaluate(
      (lines) => document.querySelector("hop-scope")?.run(lines),
      solution.join("\n"),
    );
    expect(await said(page, "completed")).toEqual({ lesson: "one-packet-five-hooks" });
    const { height } = await said(page, "resize");
    expect(height).toBeGreaterThan(300);
    await page.waitForFunction(
      () => (document.querySelector("hop-scope")?.clientHeight ?? 0) > 430,
    );
    await page.close();
  });

  it("can be used by everybody, in both themes, and says what it does not know", async () => {
    for (const colorScheme of ["dark", "light"] as const) {
      const page = await browser.newPage({ colorScheme, viewport: { width: 900, height: 420 } });
      await page.goto(`${hopscope}/embed/v1/?lesson=marks&view=lesson+terminal+journey`);
      await prompt(page.mainFrame());
      await page.locator(".lesson .body").waitFor();
      expect(await serious(page)).toEqual([]);
      await page.close();
    }
    const page = await open(`<hop-scope lesson="no-such" view="terminal" start="now"></hop-scope>`);
    expect(await said(page, "error")).toEqual({ message: "There is no lesson “no-such”." });
    await page.close();
  });

  it("has nothing that types where it is only to be read", async () => {
    const asked = "lesson=one-packet-five-hooks&view=lesson%20terminal%20journey";
    for (const [more, buttons] of [
      ["", 3],
      ["&readonly", 0],
    ] as const) {
      const page = await browser.newPage({ viewport: { width: 1100, height: 600 } });
      await page.goto(`${hopscope}/embed/v1/?${asked}${more}`);
      await page.locator(".journeys .commands").waitFor();
      await page.locator(".lesson .commands").first().waitFor();
      expect(await page.getByRole("button", { name: "Type it" }).count()).toBe(buttons);
      await page.close();
    }
  });

  it("edits a file in a plain field", async () => {
    const page = await browser.newPage({ viewport: { width: 700, height: 400 } });
    await page.goto(`${hopscope}/embed/v1/?world=linux&view=terminal`);
    const frame = page.mainFrame();
    await prompt(frame);
    await type(frame, "edit /tmp/x; cat /tmp/x");
    await page.locator("textarea").fill("written\n");
    await page.getByRole("button", { name: "Save" }).click();
    await prompt(frame, /^written$/);
    await page.close();
  });

  it("ends its worker when nobody looks, and comes back with what was done", async () => {
    html = "";
    const page = await open(
      `<div style="height:3000px"></div><iframe width="600" height="400" src="${hopscope}/embed/v1/?lesson=ambient-outbound&view=terminal+lesson&pause=0.2"></iframe>`,
    );
    const end = (): Promise<void> => page.evaluate(() => scrollTo(0, document.body.scrollHeight));
    const workers = (): number => page.workers().length;
    await end();
    const frame = page.frames()[1] as Frame;
    await prompt(frame);
    await type(frame, "echo here > /tmp/me; curl -s productpage:9080/ | head -1");
    await prompt(frame, "DOCTYPE");
    await frame.locator(".lesson .passed").first().waitFor({ state: "attached" });
    expect(workers()).toBe(1);
    await page.evaluate(() => scrollTo(0, 0));
    await frame.getByText("Paused while nobody looks").waitFor({ state: "attached" });
    await expect.poll(workers).toBe(0);
    await end();
    await frame.getByText("Paused while nobody looks").waitFor({ state: "detached" });
    await prompt(frame, "DOCTYPE");
    await type(frame, "cat /tmp/me");
    await prompt(frame, /^here$/);
    await frame.locator(".lesson .passed").first().waitFor({ state: "attached" });
    expect(workers()).toBe(1);
    await page.close();
  });

  it("is heard by nobody but the host page that its address names, and in its own version", async () => {
    const frame = (origin: string): string =>
      `<iframe width="600" height="300" src="${hopscope}/embed/v1/?world=linux&view=terminal&host=${origin}"></iframe>`;
    const page = await open(frame(host) + frame("https://docs.example") + frame(host));
    for (const one of page.frames().slice(1)) await prompt(one);
    /** What a frame answers to a host that asks for its state; null: nothing. */
    const answer = (n: number, v: number): Promise<{ type: string; message?: string } | null> =>
      page.evaluate(
        ({ n, v }) =>
          new Promise((done) => {
            const { port1, port2 } = new MessageChannel();
            port1.onmessage = ({ data }) => {
              if (data.type === "answer" || data.type === "error") done(data);
            };
            port1.postMessage({ type: "getState", id: 1 });
            const init = { type: "hopscope:init", v };
            document.querySelectorAll("iframe")[n]?.contentWindow?.postMessage(init, "*", [port2]);
            setTimeout(() => done(null), 1500);
          }),
        { n, v },
      );
    expect(await answer(0, 1)).toMatchObject({ type: "answer", error: null });
    expect(await answer(1, 1)).toBe(null);
    expect((await answer(2, 2))?.message).toContain("speaks version 1");
    await page.close();
  });

  it("ignores what makes no sense, in both directions, and says so once", async () => {
    const page = await browser.newPage();
    page.setDefaultTimeout(30_000);
    const warnings: string[] = [];
    page.on("console", (message) => {
      if (message.type() === "warning") warnings.push(message.text());
      if (message.type() === "error") complaints.push(message.text());
    });
    page.on("pageerror", (error) => complaints.push(error.message));
    html = `<!doctype html><meta charset="utf-8"><title>docs</title><link rel="icon" href="data:,">
<iframe width="600" height="300" src="${hopscope}/embed/v1/?world=linux&view=terminal&host=${host}"></iframe>`;
    await page.goto(`${host}/`);
    const frame = page.frames()[1] as Frame;
    await prompt(frame);
    const said = await page.evaluate(async () => {
      const target = document.querySelector("iframe")?.contentWindow;
      const cyclic: Record<string, unknown> = { type: "hopscope:init" };
      cyclic.v = cyclic;
      const nonsense = [null, 7, "hopscope:init", [], {}, cyclic, { type: "x".repeat(100_000) }];
      // Before the port, and without one.
      for (const data of [...nonsense, { type: "hopscope:init", v: 1 }])
        target?.postMessage(data, "*");
      const { port1, port2 } = new MessageChannel();
      const answers: { id: number; error: string | null }[] = [];
      port1.onmessage = ({ data }) => {
        if (data.type === "answer") answers.push(data);
      };
      target?.postMessage({ type: "hopscope:init", v: 1 }, "*", [port2]);
      // On the port.
      for (const data of nonsense) port1.postMessage(data);
      port1.postMessage({ type: "fly", id: 1 });
      port1.postMessage({ type: "run", id: 2, commands: { toString: 1 }, at: [] });
      port1.postMessage({ type: "run", id: 3, commands: "x".repeat(3_000_000), at: "" });
      port1.postMessage({ type: "seek", id: 4, seconds: "now" });
      port1.postMessage({ type: "getState", id: 5 });
      while (!answers.some(({ id }) => id === 5)) await new Promise((done) => setTimeout(done, 20));
      return answers.sort((a, b) => a.id - b.id).map(({ id, error }) => `${id} ${error}`);
    });
    expect(said).toEqual([
      "1 There is no call “fly”.",
      "2 The call “run” needs text as its “commands”.",
      "3 The call “run” needs text as its “commands”.",
      "4 The call “seek” needs a number of seconds, or null as its “seconds”.",
      "5 null",
    ]);
    expect(warnings.filter((text) => text.includes("makes no sense"))).toHaveLength(1);
    // It works on as if nothing had been said.
    await type(frame, "echo still he''re");
    await prompt(frame, "still here");
    await page.close();

    // The other way: the element hears a frame that is not ours.
    const other = await open(`<hop-scope world="linux" start="click"></hop-scope>`);
    const odd: string[] = [];
    other.on("console", (message) => {
      if (message.type() === "warning") odd.push(message.text());
    });
    await other.route("**/embed/v1/index.html*", (route) =>
      route.fulfill({
        contentType: "text/html",
        body: `<script>
          const cyclic = { type: "ready" }; cyclic.world = cyclic;
          const nonsense = [null, 7, "ready", [], {}, cyclic, { type: "click" }, { type: "constructor" },
            { type: "ready", world: 1 }, { type: "resize", height: 1e9 }, { type: "answer", id: 99, value: null, error: null },
            { type: "answer", id: "1" }];
          for (const data of nonsense) parent.postMessage(data, "*");
          parent.postMessage({ type: "hopscope:hello", v: 1 }, "*");
          addEventListener("message", ({ ports: [port] }) => {
            for (const data of nonsense) port.postMessage(data);
            port.postMessage({ type: "ready", world: "linux", lesson: null, storage: true, more: "x" });
          });
        </script>`,
      }),
    );
    await other.evaluate(() => document.querySelector("hop-scope")?.start());
    expect(
      await other.evaluate(() => (window as unknown as { heard: [string, object][] }).heard),
    ).toEqual([
      [
        "ready",
        {
          ...{ world: "linux", lesson: null, storage: true },
          verb: "http://adlnet.gov/expapi/verbs/initialized",
        },
      ],
    ]);
    expect(odd.filter((text) => text.includes("makes no sense"))).toHaveLength(1);
    expect(complaints).toEqual([]);
    await other.close();
  });

  it("works in a sandbox without an origin where its server lets it be read", async () => {
    const page = await open(
      `<iframe sandbox="allow-scripts" width="600" height="400" src="${hopscope}/embed/v1/?world=linux&view=terminal+journey"></iframe>`,
    );
    const frame = page.frames()[1] as Frame;
    await prompt(frame);
    await type(frame, "ping -c 1 127.0.0.1");
    await prompt(frame, "1 received");
    await frame.getByText("Nothing is kept here").waitFor();
    await page.close();
  });

  it("says what is wrong in a sandbox without an origin where it does not", async () => {
    const page = await open(
      `<iframe sandbox="allow-scripts" width="600" height="400" src="${closed}/embed/v1/?world=linux"></iframe>`,
    );
    const frame = page.frames()[1] as Frame;
    await frame.getByText("does not send Access-Control-Allow-Origin").waitFor();
    await page.close();
  });

  it("has types that a host page's compiler understands", async () => {
    const place = mkdtempSync(join(tmpdir(), "hopscope-types-"));
    for (const name of ["embed.d.ts", "protocol.d.ts"])
      cpSync(join(await site(), "embed/v1", name), join(place, name));
    const consumer = join(place, "consumer.ts");
    const lines = [
      'import type { Events, HopScope } from "./embed.js";',
      'const embed: HopScope | null = document.querySelector("hop-scope");',
      'embed?.addEventListener("passed", (event) => {',
      '  const { task }: Events["passed"] = event.detail;',
      "  console.log(task.length);",
      "});",
      "embed?.seek(null).then((nothing: void) => nothing);",
      "// @ts-expect-error: a theme that there is not",
      'embed?.setTheme("pink");',
    ];
    const options: ts.CompilerOptions = {
      strict: true,
      noEmit: true,
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ESNext,
      moduleResolution: ts.ModuleResolutionKind.Bundler,
      types: [],
    };
    writeFileSync(consumer, lines.join("\n"));
    const program = ts.createProgram([consumer], options);
    const problems = ts
      .getPreEmitDiagnostics(program)
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, " "));
    rmSync(place, { recursive: true });
    expect(problems).toEqual([]);
  });

  it("has a gallery that is alive, on a server that knows nothing, and that anybody can use", async () => {
    const page = await browser.newPage({ viewport: { width: 1200, height: 900 } });
    page.setDefaultTimeout(30_000);
    const failed: string[] = [];
    page.on("pageerror", (error) => failed.push(error.message));
    page.on("response", (response) => {
      if (response.status() >= 400) failed.push(`${response.status()} ${response.url()}`);
      if (!response.url().startsWith(closed)) failed.push(`a call to ${response.url()}`);
    });
    await page.goto(`${closed}/embed/`);
    const frame = await frameOf(page);
    await prompt(frame);
    expect(await frame.locator("html").evaluate(() => document.hasFocus())).toBe(false);
    await page.getByRole("button", { name: "run(" }).click();
    await prompt(frame, "dev istioout");
    await page.locator("#heard").filter({ hasText: '"task":"asked"' }).waitFor();
    for (const image of await page.locator("figure img").all())
      expect(await image.evaluate((one: HTMLImageElement) => one.naturalWidth)).toBeGreaterThan(
        100,
      );
    expect(await serious(page)).toEqual([]);
    expect(failed).toEqual([]);
    expect(await page.context().cookies()).toEqual([]);
    await page.close();
  });
});
