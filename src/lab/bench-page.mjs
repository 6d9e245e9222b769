/*
 * The page's numbers, in Chromium: `npm run bench` prints them after the engine's. In plain
 * JavaScript, for it is run as it stands.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { embeds } from "./bench-embeds.mjs";
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
    const name = JSON.stringify({ first: { world: "ambient-2022" } });
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

/** A page with its first prompt, in which one types. */
async function opened(browser, address, world) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  await page.addInitScript(watchPrompt);
  await page.goto(`${address}?world=${world}`);
  await page.waitForFunction(() => window.prompt0, null, { timeout: 60_000 });
  await page.locator(".timeline .strip").waitFor();
  await page.locator(".xterm-helper-textarea").first().focus();
  return { page, close: () => context.close() };
}

async function command(page, line) {
  await page.keyboard.insertText(line);
  await page.keyboard.press("Enter");
}

/** Frames a second while a thousand packets a second cross the map, and the longest frame, ms. */
async function frames(browser, address) {
  const { page, close } = await opened(browser, address, "ambient-2022");
  await command(page, "ping -q -i 0.002 -c 100000 10.4.4.1");
  await page.waitForTimeout(3000);
  const [rate, longest] = await page.evaluate(
    () =>
      new Promise((done) => {
        const start = performance.now();
        let [count, last, worst] = [0, start, 0];
        requestAnimationFrame(function step(now) {
          count++;
          worst = Math.max(worst, now - last);
          last = now;
          if (now - start < 5000) requestAnimationFrame(step);
          else done([(count * 1000) / (now - start), worst]);
        });
      }),
  );
  await close();
  return `${rate.toFixed(0)} a second, longest ${longest.toFixed(0)} ms`;
}

/** From a key to its letter on the screen, ms. */
async function echo(browser, address) {
  const { page, close } = await opened(browser, address, "ambient-2022");
  const all = await page.evaluate(async () => {
    const rows = document.querySelector(".xterm-rows");
    const area = document.querySelector(".xterm-helper-textarea");
    const took = [];
    for (let i = 0; i < 40; i++) {
      const before = rows.textContent;
      const start = performance.now();
      const seen = new Promise((done) => {
        const watch = new MutationObserver(() => {
          if (rows.textContent === before) return;
          watch.disconnect();
          done();
        });
        watch.observe(rows, { subtree: true, childList: true, characterData: true });
      });
      const key = { key: "x", code: "KeyX", keyCode: 88, charCode: 120, bubbles: true };
      area.dispatchEvent(new KeyboardEvent("keydown", key));
      area.dispatchEvent(new KeyboardEvent("keypress", { ...key, keyCode: 120 }));
      await seen;
      took.push(performance.now() - start);
      await new Promise((done) => setTimeout(done, 30 + ((i * 7) % 17)));
    }
    return took.sort((a, b) => a - b);
  });
  await close();
  return `${all[20].toFixed(1)} ms, 9 of 10 within ${all[36].toFixed(1)}`;
}

/** Bytes that the page and its workers hold, after collecting garbage. */
async function heap(browser, page) {
  const session = await browser.newBrowserCDPSession();
  const own = await page.context().newCDPSession(page);
  const { targetInfo } = await own.send("Target.getTargetInfo");
  const { targetInfos } = await session.send("Target.getTargets");
  const mine = targetInfos.filter(
    ({ type, targetId, url }) =>
      targetId === targetInfo.targetId ||
      (type === "worker" && url.startsWith(new URL(page.url()).origin)),
  );
  let bytes = 0;
  let id = 0;
  for (const { targetId } of mine) {
    const { sessionId } = await session.send("Target.attachToTarget", { targetId });
    const ask = (method) =>
      new Promise((done) => {
        const message = { id: ++id, method };
        session.on("Target.receivedMessageFromTarget", (event) => {
          const answer = event.sessionId === sessionId ? JSON.parse(event.message) : {};
          if (answer.id === message.id) done(answer.result ?? {});
        });
        void session.send("Target.sendMessageToTarget", {
          sessionId,
          message: JSON.stringify(message),
        });
      });
    await ask("HeapProfiler.collectGarbage");
    const { usedSize = 0, backingStorageSize = 0 } = await ask("Runtime.getHeapUsage");
    bytes += usedSize + backingStorageSize;
  }
  await session.detach();
  return bytes;
}

/** Steps on the timeline when 200,000 events are remembered; and the memory then. */
async function scrub(browser, address) {
  const { page, close } = await opened(browser, address, "ambient-2022");
  const before = await heap(browser, page);
  for (let i = 0; i < 25; i++) {
    await command(page, `ping -q -i 0.002 -c 300 10.4.4.1 >/dev/null; echo run${i}''done`);
    const shown = (end) => document.querySelector(".xterm-rows")?.textContent.includes(end);
    await page.waitForFunction(shown, `run${i}done`, { timeout: 60_000, polling: 100 });
  }
  const full = await heap(browser, page);
  await page.getByRole("slider", { name: "Timeline" }).focus();
  const stand = async (key) => {
    await page.waitForTimeout(100);
    return page.evaluate(async (pressed) => {
      const strip = document.querySelector(".strip");
      const start = performance.now();
      const there = new Promise((done) => {
        new MutationObserver(() => strip.ariaBusy === "false" && done()).observe(strip, {
          attributes: true,
        });
      });
      strip.dispatchEvent(new KeyboardEvent("keydown", { key: pressed, bubbles: true }));
      await there;
      return Math.round(performance.now() - start);
    }, key);
  };
  const first = await stand("End");
  const steps = [];
  for (const key of ["ArrowLeft", "PageUp", "ArrowLeft", "Home", "ArrowRight", "PageDown", "End"])
    for (let i = 0; i < (/Home|End/.test(key) ? 1 : 3); i++) steps.push(await stand(key));
  steps.sort((a, b) => a - b);
  await close();
  return { before, full, first, middle: steps[steps.length >> 1], last: steps.at(-1) };
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
const MB = (bytes) => `${(bytes / 1e6).toFixed(0)} MB`;
const past = await scrub(browser, address);
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
  ["a key to its letter on the screen", await echo(browser, address), "16 ms"],
  ["frames, 1,000 packets a second on the map", await frames(browser, address), "60"],
  ["a step on the timeline, 200,000 events", `${past.middle} ms, at most ${past.last}`, "50 ms"],
  ["the first look back, from there", `${past.first} ms`, "none"],
  [
    "memory of page and worker, then",
    `${MB(past.full)} (at the start ${MB(past.before)})`,
    "200 MB",
  ],
];
rows.push(...(await embeds(browser, address, times)));
for (const [what, value, aim] of rows) console.log(`${what.padEnd(64)}  ${value}   (aim: ${aim})`);
await browser.close();
server.close();
