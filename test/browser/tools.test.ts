import type { Page } from "playwright";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CHROMIUM, Stage, screen, shows, type } from "./site.ts";

const stage = new Stage();

/** An item of the menu at the header's end. */
async function choose(page: Page, item: string): Promise<void> {
  await page.getByRole("button", { name: "More", exact: true }).click();
  await page.getByRole("menuitem").filter({ hasText: item }).click();
}

describe.skipIf(!CHROMIUM)("what the page offers beside the story", { timeout: 120_000 }, () => {
  beforeAll(() => stage.open(), 180_000);
  afterAll(() => stage.close());

  it("names every byte of a packet, those in the ztunnels' TLS too", async () => {
    const page = await stage.page();
    await shows(page, "root@sleep");
    await type(page, "curl -s productpage:9080/ | head -3");
    await shows(page, "Simple Bookstore App");
    await page.locator(".journeys .list .row", { hasText: "10.8.14.226:9080" }).first().click();
    await page.locator(".packets .row", { hasText: "83 bytes" }).first().click();
    await page.locator(".views").getByRole("button", { name: "Bytes" }).click();
    const tree = page.getByRole("tree");
    await tree.getByText("Hypertext Transfer Protocol", { exact: false }).first().waitFor();
    await page.locator(".hex [data-at='14']").first().click();
    await page.locator(".inspector .note", { hasText: "Version" }).waitFor();
    await page.close();
  });

  it("opens a link in another browser where it was copied, undoes a command, filters journeys", async () => {
    const page = await stage.page();
    await shows(page, "root@sleep");
    await type(page, "echo kept > /tmp/note");
    await type(page, "cat /tmp/note");
    try {
      await shows(page, /kept.*kept/);
    } catch (e) {
      console.log("SCREEN", await screen(page));
      throw e;
    }
    await choose(page, "Copy link");
    await page.waitForFunction(() => location.hash.startsWith("#s="));
    const link = new URL(page.url()).hash;

    const other = await stage.page(link);
    await shows(other, "root@sleep");
    await type(other, "cat /tmp/note; echo status $?");
    await shows(other, /kept.*status 0/);
    await choose(other, "Undo the last command");
    await other.getByText("Undone: cat /tmp/note", { exact: false }).waitFor();
    await other.close();

    await type(
      page,
      "ping -c 1 10.8.14.226 >/dev/null; curl -s productpage:9080/ >/dev/null; echo done",
    );
    await shows(page, "done");
    const rows = page.locator(".journeys .list .row");
    await rows.first().waitFor();
    const filter = page.locator(".journeys input");
    await filter.fill("tcp.port == 9080");
    await filter.press("Enter");
    await page.waitForFunction(() =>
      [...document.querySelectorAll(".journeys .list .row")].every((row) =>
        row.textContent?.includes("9080"),
      ),
    );
    expect(await rows.count()).toBeGreaterThan(0);
    expect(await screen(page)).toContain("done");
    await page.close();
  });

  it("complains of nothing", () => {
    expect(stage.complaints).toEqual([]);
  });
});
