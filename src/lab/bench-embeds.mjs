/*
 * The numbers of embeds, in Chromium: how soon a frame is there, and what ten of them on one page take. In
 * plain JavaScript, for it is run as it stands.
 */
import { readFileSync } from "node:fs";
import { createServer } from "node:http";

const TEN = [
  'world="linux" view="terminal"',
  'world="router" view="terminal map"',
  'world="services" view="terminal tables"',
  'world="underlay" view="terminal journey"',
  'world="ambient-2022" view="terminal journey"',
  'world="ambient" view="terminal map"',
  'lesson="marks" view="terminal lesson"',
  'lesson="tables-and-chains" view="terminal lesson"',
  'lesson="ambient-outbound" step="2" view="terminal journey"',
  'lesson="geneve-vxlan" view="terminal lesson"',
];
/** Without a look for so long, a frame ends its worker, ms (EmbedView.svelte: PATIENCE). */
const PATIENCE = 60_000;

/** A host page on an origin of its own: text, and elements between it. */
function hostOf(address, elements) {
  const text = `<p>${"Packets go from one namespace to the next. ".repeat(60)}</p>`;
  const body = elements.map((words) => `${text}<hop-scope ${words}></hop-scope>`).join("\n");
  const html = `<!doctype html><meta charset="utf-8"><title>docs</title><link rel="icon" href="data:,">
<link rel="stylesheet" href="${address}embed/v1/embed.css">
<script type="module" src="${address}embed/v1/embed.js"></script>${text.repeat(4)}${body}${text}`;
  const server = createServer((_request, response) =>
    response.writeHead(200, { "content-type": "text/html" }).end(html),
  );
  return new Promise((done) => server.listen(0, () => done(server)));
}

/** Runs in the host page before anything else: what moved, what is ready, and the longest frame. */
function watchPage() {
  Object.assign(window, { shift: 0, ready: [], gap: 0 });
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) window.shift += entry.value;
  }).observe({ type: "layout-shift", buffered: true });
  const note = ({ target }) => {
    if (target.localName === "hop-scope") window.ready.push(performance.now());
  };
  addEventListener("ready", note, true);
  let last = performance.now();
  requestAnimationFrame(function step(now) {
    window.gap = Math.max(window.gap, now - last);
    last = now;
    requestAnimationFrame(step);
  });
}

/** From the load of a host page, nothing kept, to the prompt of its frame, ms. */
async function framePrompt(browser, address, slow) {
  const host = await hostOf(address, ['world="router" view="terminal" start="now"']);
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.addInitScript(watchPage);
  if (slow > 1) {
    const session = await context.newCDPSession(page);
    await session.send("Emulation.setCPUThrottlingRate", { rate: slow });
  }
  await page.goto(`http://127.0.0.1:${host.address().port}/`);
  await page.waitForFunction(() => window.ready?.length, null, { timeout: 60_000 });
  const took = await page.evaluate(() => window.ready[0]);
  await context.close();
  host.close();
  return took;
}

/** Memory that is only theirs, of all renderers, bytes; null where the system does not say. */
async function privateMemory(browser) {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  await session.detach();
  let sum = 0;
  for (const { type, id } of processInfo) {
    if (type !== "renderer") continue;
    try {
      const text = readFileSync(`/proc/${id}/smaps_rollup`, "utf8");
      for (const [, kB] of text.matchAll(/^Private_(?:Clean|Dirty): +(\d+) kB/gm))
        sum += Number(kB) * 1024;
    } catch {
      return null;
    }
  }
  return sum;
}

/** Ten on one page: scrolled through by the wheel; then left alone but for the last. */
async function ten(browser, address) {
  const host = await hostOf(address, TEN);
  const context = await browser.newContext({ viewport: { width: 1000, height: 800 } });
  const page = await context.newPage();
  let asked = 0;
  context.on("request", (request) => {
    if (request.url().startsWith(address)) asked++;
  });
  await page.addInitScript(watchPage);
  // Another site, not only another origin, as where documentation embeds it: frames have their own process.
  await page.goto(`http://localhost:${host.address().port}/`);
  await page.waitForTimeout(500);
  const before = asked;
  const empty = await privateMemory(browser);
  await page.mouse.move(20, 400);
  await page.evaluate(() => {
    window.gap = 0;
  });
  const height = await page.evaluate(() => document.documentElement.scrollHeight);
  for (let at = 0; at < height; at += 60) {
    await page.mouse.wheel(0, 60);
    await page.waitForTimeout(40);
  }
  const gap = await page.evaluate(() => window.gap);
  await page.waitForFunction((n) => window.ready.length === n, TEN.length, { timeout: 60_000 });
  const all = await privateMemory(browser);
  const running = page.workers().length;
  await page.waitForTimeout(PATIENCE + 5000);
  const later = { workers: page.workers().length, memory: await privateMemory(browser) };
  const shift = await page.evaluate(() => window.shift);
  await context.close();
  host.close();
  return { before, empty, gap, all, running, later, shift };
}

/** Rows of the table: what, the number, the aim. */
export async function embeds(browser, address, times) {
  const MB = (bytes) => (bytes === null ? "not told here" : `${(bytes / 1e6).toFixed(0)} MB`);
  const rows = [
    [
      "a frame's first prompt, cold",
      await times(() => framePrompt(browser, address, 1)),
      "1000 ms",
    ],
    [
      "the same, processor slowed 4 times",
      await times(() => framePrompt(browser, address, 4)),
      "3000 ms",
    ],
  ];
  const { before, empty, gap, all, running, later, shift } = await ten(browser, address);
  rows.push(
    ["ten embeds: requests before the first is seen", `${before}`, "2: the element, its style"],
    ["ten embeds: longest frame while scrolled through", `${gap.toFixed(0)} ms`, "50 ms"],
    ["ten embeds: layout shift", `${shift}`, "0"],
    [
      "ten embeds: memory of their renderers, all just seen",
      `${MB(all)}, ${running} workers (${MB(empty)} before any)`,
      "400 MB",
    ],
    [
      "ten embeds: a minute later, the last in sight",
      `${MB(later.memory)}, ${later.workers} workers`,
      "400 MB",
    ],
  );
  return rows;
}
