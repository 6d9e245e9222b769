import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CHROMIUM, Stage, shows, site, type } from "./site.ts";

const stage = new Stage();

describe.skipIf(!CHROMIUM)("when something breaks", { timeout: 60_000 }, () => {
  beforeAll(() => stage.open(), 180_000);
  afterAll(() => stage.close());

  it("says that the machine has stopped, keeps the log, and restarts without the last input", async () => {
    const page = await stage.browser.newPage({ viewport: { width: 1440, height: 900 } });
    // The worker is within reach of the test, to be spoken to as the page never would.
    await page.addInitScript(() => {
      const Real = window.Worker;
      window.Worker = class extends Real {
        constructor(...args: ConstructorParameters<typeof Worker>) {
          super(...args);
          Object.assign(window, { theWorker: this });
        }
      };
    });
    await page.goto(stage.address);
    await shows(page, "root@sleep");
    await type(page, "echo before > /tmp/kept");
    await page.evaluate(() => {
      const bad = { type: "RAW", value: null };
      const one = { type: "RAW", value: 1 };
      const message = { id: "x", type: "APPLY", path: ["type"], argumentList: [one, bad] };
      (window as unknown as { theWorker: Worker }).theWorker.postMessage(message);
    });
    await page.getByText("The machine has stopped").waitFor();
    const saving = page.waitForEvent("download");
    await page.getByRole("button", { name: "Download the input log" }).click();
    const file = await (await saving).path();
    const log = JSON.parse(readFileSync(file, "utf8"));
    expect(log.world).toBe("ambient-2022");
    expect(log.entries.length).toBeGreaterThan(5);
    await page.getByRole("button", { name: "Restart the machine" }).click();
    await page.locator("dialog").waitFor({ state: "detached" });
    await shows(page, "echo before");
    await type(page, "cat /tmp/kept");
    await shows(page, /before\s*root@sleep/);
    await page.close();
  });

  it("refuses a log that is broken or of another version, in a sentence", async () => {
    const page = await stage.page();
    await shows(page, "root@sleep");
    const open = async (name: string, text: string): Promise<void> => {
      const choosing = page.waitForEvent("filechooser");
      await page.getByRole("button", { name: "More" }).click();
      await page.getByRole("menuitem", { name: "Open input log …" }).click();
      const buffer = Buffer.from(text);
      await (await choosing).setFiles({ name, mimeType: "application/json", buffer });
    };
    await open("a.json", "{ nonsense");
    await page.getByText("This file is not an input log of Hopscope.").waitFor();
    const log = { version: "0.0.1", world: "ambient-2022", seed: 1, entries: [] };
    await open("b.json", JSON.stringify(log));
    await page.getByText(/saved by version 0\.0\.1/).waitFor();
    await shows(page, "root@sleep");
    await open("c.json", JSON.stringify({ ...log, version: "0.1.0", entries: [{ at: 1 }] }));
    await page.getByText(/Its input 1 has no time or no input/).waitFor();
    await page.close();
  });

  it("says so when the worker cannot be loaded, and starts another", async () => {
    const assets = join(await site(), "assets");
    const worker = readdirSync(assets).find(
      (name) =>
        name.startsWith("main-") &&
        readFileSync(join(assets, name), "utf8").includes("no world is open"),
    );
    const page = await stage.browser.newPage();
    await page.route(`**/${worker}`, (route) => route.abort());
    await page.goto(stage.address);
    await page.getByText("The machine's worker could not be started").waitFor();
    await page.unroute(`**/${worker}`);
    await page.getByRole("button", { name: "Restart the machine" }).click();
    await shows(page, "root@sleep");
    await page.close();
  });

  it("works where nothing may be stored", async () => {
    const page = await stage.browser.newPage();
    const errors: string[] = [];
    page.on("pageerror", (error) => errors.push(error.message));
    await page.addInitScript(() => {
      Object.defineProperty(window, "localStorage", {
        get() {
          throw new DOMException("denied", "SecurityError");
        },
      });
    });
    await page.goto(stage.address);
    await shows(page, "root@sleep");
    await page.getByRole("button", { name: "More" }).click();
    await page.getByRole("menuitemcheckbox", { name: "Light" }).click();
    expect(await page.evaluate(() => document.documentElement.dataset.theme)).toBe("light");
    expect(errors).toEqual([]);
    await page.close();
  });

  it("gives the default world for a name that nobody knows", async () => {
    const page = await stage.page("?world=nowhere");
    await page.getByText("There is no world called “nowhere”").waitFor();
    await shows(page, "root@sleep");
    await page.close();
  });
});
