import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CHROMIUM, Stage, screen, shows, type } from "./site.ts";

const stage = new Stage();
const PATIENCE = 60_000;

describe.skipIf(!CHROMIUM)("the page", { timeout: PATIENCE }, () => {
  beforeAll(() => stage.open(), 180_000);
  afterAll(() => stage.close());

  it("reaches a prompt, pings, and shows the journey", async () => {
    const before = performance.now();
    const page = await stage.page();
    await shows(page, "root@sleep");
    console.log(`first prompt after ${Math.round(performance.now() - before)} ms`);
    await page.keyboard.type("ping -c 2 10.4.4.1\r");
    await shows(page, "2 packets transmitted, 2 received");
    const row = page.locator(".journeys .row", { hasText: "10.4.4.19 → 10.4.4.1" });
    await row.click();
    await page.locator(".packets .row", { hasText: "echo reply 1" }).click();
    await page.locator(".leg", { hasText: "Delivered" }).waitFor();
    await page.close();
    expect(stage.complaints).toEqual([]);
  });

  it("tells the story of a request, rule by rule", async () => {
    const page = await stage.page();
    await shows(page, "root@sleep");
    await type(page, "curl -s productpage:9080/ | head -3");
    await shows(page, "Simple Bookstore App");
    await page.locator(".journeys .row", { hasText: ":9080" }).click();
    const story = page.locator('.story[aria-busy="false"]');
    await story.filter({ hasText: "table 101" }).filter({ hasText: "TPROXY" }).waitFor();
    const words = (await story.textContent()) ?? "";
    for (const part of [
      "istioout",
      "PREROUTING",
      "0x100",
      "geneve",
      "TPROXY",
      "14 rules passed over",
    ])
      expect(words).toContain(part);
    // The way of the packet is drawn on the map, and is there to be copied as text.
    expect(await page.locator(".paths .chosen").count()).toBe(5);
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await page.getByRole("button", { name: "Copy as text" }).click();
    await page.getByText("Copied").waitFor();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toContain("by istioout");
    await page.close();
  });

  it("opens more terminals, and says when one has ended", async () => {
    const page = await stage.page();
    await shows(page, "root@sleep");
    await page.getByRole("button", { name: "Open a terminal", exact: true }).click();
    await page.getByRole("menuitem", { name: "node-a", exact: true }).click();
    await shows(page, "root@node-a");
    await page.keyboard.type("exit\r");
    await page.getByText("This shell has ended.").waitFor();
    await page.getByRole("button", { name: "New shell" }).click();
    await shows(page, "root@node-a");
    await page.getByRole("button", { name: "Open a terminal on node-b" }).press("Enter");
    await shows(page, "root@node-b");
    await page.close();
  });

  it("edits a file of a machine", async () => {
    const page = await stage.page();
    await shows(page, "root@sleep");
    await type(page, "edit /tmp/x");
    await page
      .locator(".monaco-editor textarea, .monaco-editor .native-edit-context")
      .first()
      .waitFor({ state: "attached" });
    await page.keyboard.type("packets go here");
    await page.getByText("not saved").waitFor();
    await page.getByRole("button", { name: "Close", exact: true }).click();
    await page.getByText("There are changes that have not been saved.").waitFor();
    await page.keyboard.press("Escape");
    await page.locator(".monaco-editor").first().click();
    await page.keyboard.press("Control+s");
    await page.getByText("Saved", { exact: true }).waitFor();
    await page.keyboard.press("Escape");
    await page.locator("dialog").waitFor({ state: "detached" });
    await page.keyboard.type("cat /tmp/x\r");
    await shows(page, "packets go here");
    await page.close();
  });

  it("draws what is built by hand, as it is built", async () => {
    const page = await stage.page("?world=linux");
    await shows(page, "root@linux");
    await type(page, "ip netns add red && ip link add v0 type veth peer name v1 netns red");
    await page.locator(".box.netns", { hasText: "red" }).waitFor();
    await page.locator(".port", { hasText: "v1" }).waitFor();
    expect(await page.locator(".link.veth").count()).toBe(1);
    await page.close();
  });

  it("changes its theme and remembers it", async () => {
    const page = await stage.page();
    await shows(page, "root@sleep");
    const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const dark = await ground();
    await page.getByRole("button", { name: "More" }).click();
    await page.getByRole("menuitemcheckbox", { name: "Light" }).click();
    expect(await ground()).not.toBe(dark);
    await page.reload();
    await shows(page, "root@sleep");
    expect(await page.locator("html").getAttribute("data-theme")).toBe("light");
    await page.close();
  });

  it("gives the map the whole width where a lesson leaves little of it, until somebody says otherwise", async () => {
    const page = await stage.page("?lesson=ambient-outbound");
    const [map, journeys] = [page.locator(".area.map"), page.locator(".area.journeys")];
    const across = page.getByRole("button", { name: "Over the whole width" });
    const isAcross = async () => {
      const [a, b] = [await map.boundingBox(), await journeys.boundingBox()];
      return a && b && a.y + a.height <= b.y && a.x + a.width === b.x + b.width;
    };
    await page.getByRole("region", { name: "Lesson" }).waitFor();
    await across.waitFor();
    expect(await isAcross()).toBe(true);
    await across.click();
    expect(await isAcross()).toBe(false);
    await page.reload();
    await across.waitFor();
    expect(await isAcross()).toBe(false);
    await across.click();
    expect(await isAcross()).toBe(true);
    // A story that is widened has the page's height.
    await page.getByRole("button", { name: "Widen" }).click();
    expect(await isAcross()).toBe(false);
    await page.close();
    expect(stage.complaints).toEqual([]);
  });

  it("is one column with tabs on a phone", async () => {
    const page = await stage.page("", { viewport: { width: 390, height: 844 } });
    await shows(page, "root@sleep");
    const map = page.getByRole("region", { name: "Map" });
    expect(await map.isVisible()).toBe(false);
    await page.getByRole("button", { name: "Map", exact: true }).click();
    expect(await map.isVisible()).toBe(true);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(wide).toBeLessThanOrEqual(390);
    await page.close();
  });

  it("interrupts an endless command without choking", async () => {
    const page = await stage.page();
    await shows(page, "root@sleep");
    await type(page, "yes");
    await shows(page, /yyy/);
    await page.waitForTimeout(500);
    await page.keyboard.press("Control+c");
    await shows(page, "^C");
    await page.keyboard.type("echo st''ill here\r");
    await shows(page, "still here");
    expect(await screen(page)).toContain("still here");
    await page.close();
  });
});
