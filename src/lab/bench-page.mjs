/*
 * The page's numbers, in Chromium: `npm run bench` prints them after the engine's. In plain
 * JavaScript, for it is run as it stands.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "./chromium.mjs";
import { install, run } from "./install.mjs";
import { serve, site } from "./static.mjs";

const TIMES = 5;

/** Runs in the page before anything else: notes when the prompt is there, and what blocked. */
function watchPrompt() {
  window.longest = 0;
  new PerformanceObserver((list) => {
    for (const task of list.getEntries())
      if (window.prompt0) window.longest = Math.max(window.longest, task.duration);
  }).observe({ type: "longtask", buffered: true });
  const look = () => {
    if (document.querySelector(".xterm-rows")?.textContent.includes("#"))
      window.prompt0 ??= performance.now();
  };
  document.addEventListener("DOMContentLoaded", () =>
    new MutationObserver(look).observe(document, {
      subtree: true,
      childList: true,
      characterData: true,
    }),
  );
}

/** From a cold load to the first prompt, ms. */
async function firstPrompt(browser, address, slow) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  await page.addInitScript(watchPrompt);
  if (slow > 1) {
    const session = await context.newCDPSession(page);
    await session.send("Emulation.setCPUThrottlingRate", { rate: slow });
  }
  await page.goto(address);
  await page.waitForFunction(() => window.prompt0, null, { timeout: 60_000 });
  const took = await page.evaluate(() => window.prompt0);
  await context.close();
  return took;
}

/** From the start of a worker to what its first terminal prints, ms; nothing else is loading. */
async function workerPrompt(browser, address, file) {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${address}blank`);
  const took = await page.evaluate(async (script) => {
    const start = performance.now();
    const name = JSON.stringify({ world: "ambient-2022" });
    const worker = new Worker(script, { type: "module", name });
    const failed = new Promise((_, fail) => {
      worker.onerror = (event) => fail(new Error(`the worker failed: ${event.message}`));
      setTimeout(() => fail(new Error("no prompt came")), 20_000);
    });
    let id = 0;
    const call = (method, ...values) =>
      new Promise((done) => {
        const mine = `call${id++}`;
        worker.addEventListener("message", ({ data }) => data?.id === mine && done(data.value));
        const ports = values.filter((value) => value instanceof MessagePort);
        const argumentList = values.map((value) =>
          value instanceof MessagePort
            ? { type: "HANDLER", name: "proxy", value }
            : { type: "RAW", value },
        );
        worker.postMessage({ id: mine, type: "APPLY", path: [method], argumentList }, ports);
      });
    const opened = await Promise.race([call("first"), failed]);
    const { port1, port2 } = new MessageChannel();
    const printed = new Promise((done) => {
      port1.onmessage = ({ data }) => {
        port1.postMessage({ id: data.id, type: "RAW", value: undefined });
        if (data.argumentList?.[0]?.value?.terminals.length) done();
      };
    });
    void call("openTerminal", opened.topology.machines[0].name, 24, 80);
    void call("listen", port2);
    await Promise.race([printed, failed]);
    return performance.now() - start;
  }, file);
  await context.close();
  return took;
}

async function times(measure) {
  const all = [];
  for (let i = 0; i < TIMES; i++) all.push(await measure());
  all.sort((a, b) => a - b);
  const ms = (value) => `${Math.round(value)} ms`;
  return `${ms(all[TIMES >> 1])} (${ms(all[0])} to ${ms(all[TIMES - 1])})`;
}

install();
const executablePath = chromium();
if (!executablePath) {
  console.log("the page: not measured, there is no Chromium");
  process.exit(0);
}
if (run("vite/bin/vite.js", ["build", "--logLevel", "error"]) !== 0) process.exit(1);
const playwright = await import("playwright");
const server = await serve();
const address = `http://127.0.0.1:${server.address().port}/`;
const browser = await playwright.chromium.launch({ executablePath, args: ["--no-sandbox"] });
const WORKER = /new Worker\((?:new URL\()+[`"'](?:[^`"']*\/)?(main-[^`"']+\.js)/;
const script = readdirSync(join(site, "assets"))
  .map((name) => WORKER.exec(readFileSync(join(site, "assets", name), "utf8"))?.[1])
  .find((name) => name);
if (!script) throw new Error("the built page names no worker");
const rows = [
  ["the page's first prompt, cold", await times(() => firstPrompt(browser, address, 1)), "1000 ms"],
  [
    "the same, processor slowed 4 times",
    await times(() => firstPrompt(browser, address, 4)),
    "3000 ms",
  ],
  [
    "from worker start to its prompt",
    await times(() => workerPrompt(browser, address, `/assets/${script}`)),
    "150 ms",
  ],
];
for (const [what, value, aim] of rows) console.log(`${what.padEnd(64)}  ${value}   (aim: ${aim})`);
await browser.close();
server.close();
