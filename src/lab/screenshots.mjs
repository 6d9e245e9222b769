/*
 * `npm run screenshots`: every view of the page in both themes, wide and narrow, into `screenshots/`; with
 * names, only those.
 * In plain JavaScript, for it is run as it stands.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "./chromium.mjs";
import { install, root, run } from "./install.mjs";
import { serve } from "./static.mjs";

const SIZES = { wide: { width: 1440, height: 900 }, narrow: { width: 390, height: 844 } };
const REQUEST = "curl -s productpage:9080/ | head -3";

async function type(page, line) {
  await page.locator(".terminal.shown .xterm-helper-textarea").first().focus();
  await page.keyboard.type(line);
  await page.keyboard.press("Enter");
}

/** On a phone one area is seen at a time. */
async function area(page, name) {
  const tab = page.locator(`nav > button.${name}`);
  if (await tab.isVisible()) await tab.click();
}

async function request(page) {
  await page.waitForSelector(".xterm-rows");
  await page.waitForTimeout(1500);
  await type(page, REQUEST);
  await page.waitForTimeout(2500);
}

async function story(page) {
  await request(page);
  await area(page, "journeys");
  await page.locator(".journeys .list .row", { hasText: "9080" }).first().click();
  await page.waitForTimeout(800);
}

/** The editor, at the place for a second rule. */
async function rules(page) {
  await page.waitForSelector(".xterm-rows");
  await page.waitForTimeout(1500);
  await type(page, "iptables -A INPUT -i lo -j ACCEPT; iptables-save > r.v4; edit r.v4");
  await page.getByText("No problems").waitFor();
  await page.keyboard.press("Control+Home");
  for (let i = 0; i < 5; i++) await page.keyboard.press("ArrowDown");
  await page.keyboard.press("End");
  await page.keyboard.press("Enter");
}

/** Each view: the address's query, and how to get there. */
const VIEWS = {
  map: [
    "?world=ambient-2022",
    async (page) => {
      await request(page);
      await area(page, "map");
      await page.waitForTimeout(1200);
    },
  ],
  terminal: ["?world=ambient", request],
  journeys: [
    "?world=ambient",
    async (page) => {
      await request(page);
      await area(page, "journeys");
    },
  ],
  story: ["?world=ambient-2022", story],
  table: [
    "?world=ambient-2022",
    async (page) => {
      await story(page);
      await page.getByRole("button", { name: "Table", exact: true }).click();
    },
  ],
  bytes: [
    "?world=ambient",
    async (page) => {
      await story(page);
      await page.locator(".packets .row", { hasText: "Client Hello" }).first().click();
      await page.getByRole("button", { name: "Bytes", exact: true }).click();
      await page.waitForTimeout(1200);
    },
  ],
  tables: [
    "?world=ambient-2022",
    async (page) => {
      await request(page);
      await area(page, "journeys");
      await page.getByRole("button", { name: "Tables", exact: true }).click();
      await page.locator(".journeys select").selectOption({ label: "node-a" });
      await page.getByRole("slider", { name: "Timeline" }).press("Home");
      await page.getByText("As it was at").waitFor();
    },
  ],
  past: [
    "?world=ambient-2022",
    async (page) => {
      await story(page);
      await page.getByRole("slider", { name: "Timeline" }).focus();
      await page.keyboard.press("Home");
      await page.keyboard.press("PageDown");
      await page.keyboard.press("Enter");
      await page.getByText("time stands still").waitFor({ state: "attached" });
      await page.waitForTimeout(1500);
    },
  ],
  lesson: [
    "?lesson=who-may-call-whom",
    async (page) => {
      await page.waitForTimeout(2500);
      await area(page, "lesson");
    },
  ],
  workshop: [
    "?world=linux",
    async (page) => {
      await page.waitForTimeout(1800);
      await page.getByRole("button", { name: "More", exact: true }).click();
      await page.getByRole("menuitem", { name: "Workshop" }).click();
      for (const n of [0, 1, 2]) await page.locator("dialog input[type=checkbox]").nth(n).check();
    },
  ],
  gallery: [
    "embed/index.html",
    async (page) => {
      await page
        .frameLocator("hop-scope iframe")
        .first()
        .locator(".transcript.shown input")
        .waitFor();
      await page.waitForTimeout(1500);
    },
  ],
  embed: [
    "embed/v1/index.html?lesson=ambient-outbound&step=2&view=terminal+journey+lesson",
    async (page) => {
      await page.locator(".transcript.shown input").fill("ip route get 10.8.14.226 mark 0x100");
      await page.locator(".transcript.shown input").press("Enter");
      await page.waitForTimeout(1500);
    },
  ],
  palette: [
    "?world=linux",
    async (page) => {
      await page.waitForTimeout(1800);
      await page.keyboard.press("Control+Shift+P");
      await page.waitForTimeout(300);
    },
  ],
  editor: [
    "?world=linux",
    async (page) => {
      await rules(page);
      await page.keyboard.type("-A INPUT -p tcp --dprt 80 -j ");
      await page.waitForTimeout(1200);
    },
  ],
  changes: [
    "?world=linux",
    async (page) => {
      await rules(page);
      await page.keyboard.type("-A INPUT -p tcp --dport 80 -j DROP");
      await page.waitForTimeout(600);
      await page.getByRole("button", { name: "Apply" }).click();
      await page.waitForTimeout(400);
    },
  ],
  keys: [
    "?world=linux",
    async (page) => {
      await page.waitForTimeout(1800);
      await area(page, "map");
      await page.getByRole("slider", { name: "Timeline" }).press("?");
      await page.waitForTimeout(300);
    },
  ],
};

install();
process.chdir(root);
const executablePath = chromium();
if (!executablePath) {
  console.error("screenshots: there is no Chromium; CHROMIUM says where one is");
  process.exit(1);
}
if (run("vite/bin/vite.js", ["build", "--logLevel", "error"])) process.exit(1);
const playwright = await import("playwright");
const server = await serve();
const browser = await playwright.chromium.launch({ executablePath, args: ["--no-sandbox"] });
const folder = join(root, "screenshots");
mkdirSync(folder, { recursive: true });
let failed = 0;
const wanted = process.argv.slice(2);
for (const [name, [query, go]] of Object.entries(VIEWS).filter(
  ([view]) => !wanted.length || wanted.includes(view),
))
  for (const colorScheme of ["dark", "light"])
    for (const [size, viewport] of Object.entries(SIZES)) {
      const isMobile = size === "narrow";
      const page = await browser.newPage({ colorScheme, viewport, isMobile, hasTouch: isMobile });
      page.setDefaultTimeout(20_000);
      const file = `${name}-${size}-${colorScheme}.png`;
      try {
        await page.goto(`http://127.0.0.1:${server.address().port}/${query}`);
        await go(page);
        await page.screenshot({ path: join(folder, file) });
        console.log(`screenshots/${file}`);
      } catch (error) {
        failed++;
        console.error(`screenshots/${file}: ${error.message.split("\n")[0]}`);
      }
      await page.close();
    }
await browser.close();
server.close();
process.exitCode = failed ? 1 : 0;
