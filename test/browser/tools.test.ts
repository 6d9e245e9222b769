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
    await shows(page, /kept.*kept/);
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await choose(page, "Copy link");
    await page.getByText("The link is in the clipboard", { exact: false }).waitFor();
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    const link = new URL(copied).hash;

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
    await rows.filter({ hasNotText: "9080" }).first().waitFor({ state: "detached" });
    await rows.filter({ hasText: "9080" }).first().waitFor();
    expect(await screen(page)).toContain("done");
    await page.close();
  });

  it("goes back to a moment, and on from there another way", async () => {
    const page = await stage.page();
    await shows(page, "root@sleep");
    await type(
      page,
      "echo first > /tmp/note; ping -c 1 10.8.14.226 >/dev/null; curl -s productpage:9080/ | head -3",
    );
    await shows(page, "Simple Bookstore App");
    await type(page, "echo second > /tmp/note; cat /tmp/note");
    await shows(page, /second.*second/);
    const strip = page.getByRole("slider", { name: "Timeline" });
    await page.getByText("Every packet leaves a tick").waitFor({ state: "detached" });
    await strip.focus();
    await page.keyboard.press("Home");
    await page.keyboard.press("ArrowRight");
    await page.getByText(/packet 2 of \d+/).waitFor();
    await page.locator(".story").waitFor();
    await page.keyboard.press("PageDown");
    await page.keyboard.press("Enter");
    await page.getByText("time stands still", { exact: false }).waitFor();
    // The terminal is that of then.
    const shown = page.locator(".bench:not(.away) .terminal.shown .xterm-rows");
    await shown.filter({ hasText: "curl -s productpage" }).waitFor();
    expect(await shown.textContent()).not.toContain("second");
    // Typing goes on from there.
    await page.locator(".bench:not(.away) .xterm-helper-textarea").focus();
    await page.keyboard.type("cat /tmp/note; echo other''wise");
    await page.keyboard.press("Enter");
    await shown.filter({ hasText: /first.*otherwise/ }).waitFor();
    await page.getByText("A branch from", { exact: false }).waitFor();
    // Another branch, of what went on; the first is there still.
    const courses = page.getByRole("group", { name: "Which course is shown" });
    await courses.getByText("Now").click();
    await shown.filter({ hasText: /second.*second/ }).waitFor();
    await strip.focus();
    await page.keyboard.press("Home");
    await page.keyboard.press("Enter");
    await courses.getByText("Branch 2").waitFor();
    await shown.filter({ hasText: "root@sleep" }).waitFor();
    expect(await shown.textContent()).not.toContain("otherwise");
    await page.getByRole("button", { name: "Close this branch" }).click();
    await courses.getByText("Branch", { exact: true }).click();
    await shown.filter({ hasText: /first.*otherwise/ }).waitFor();
    // What is undone here is undone here alone.
    await choose(page, "Undo the last command");
    await page.getByText("Undone: cat /tmp/note", { exact: false }).waitFor();
    await courses.getByText("Now").click();
    await shown.filter({ hasText: /second.*second/ }).waitFor();
    await courses.getByText("Branch", { exact: true }).click();
    await page.getByRole("button", { name: "Back to now" }).click();
    await courses.waitFor({ state: "detached" });
    await page.close();
  });

  it("does what it is asked for by name, and says its keys", async () => {
    const page = await stage.page();
    await shows(page, "root@sleep");
    await page.getByRole("slider", { name: "Timeline" }).focus();
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Keyboard shortcuts" }).waitFor();
    await page.keyboard.press("Escape");
    await page.keyboard.press("Control+Shift+P");
    await page.getByRole("combobox", { name: "Type what you want" }).fill("term node b");
    await page.keyboard.press("Enter");
    await shows(page, "root@node-b");
    await page.close();
  });

  it("compares a packet with one that was pinned, line by line", async () => {
    const page = await stage.page();
    await shows(page, "root@sleep");
    await type(
      page,
      "for m in 1 2 3 3; do ping -c 1 -m $m 10.4.4.1 >/dev/null; done; echo en''ded",
    );
    await shows(page, "ended");
    const rows = page.locator(".journeys .list .row", { hasText: "10.4.4.1" });
    await rows.nth(3).waitFor();
    await rows.nth(1).click();
    await page.getByRole("button", { name: "Pin", exact: true }).click();
    const back = page.getByRole("button", { name: "All journeys" });
    await back.click();
    await rows.nth(0).click();
    await page.getByRole("button", { name: "Compare" }).click();
    await page.getByText("Both went the same way.").waitFor();
    await back.click();
    await rows.nth(2).click();
    await page.getByText(/They part at line \d+ of \d+/).waitFor();
    expect(await page.locator("tr.parting").innerText()).toMatch(/0x[23]/);
    await page.close();
  });

  it("follows a packet that nobody sent, and lets it be as if it had not been", async () => {
    const page = await stage.page("?world=ambient");
    await shows(page, "root@curl");
    await page.keyboard.press("Control+Shift+P");
    await page.getByRole("combobox", { name: "Type what you want" }).fill("what would");
    await page.keyboard.press("Enter");
    const dialog = page.getByRole("dialog", { name: "What would happen" });
    await dialog.locator("select").first().selectOption({ label: "curl-6b7f8d9c5d-mq4xz" });
    await dialog.getByRole("textbox", { name: "From" }).fill("10.244.1.10");
    await dialog.getByRole("textbox", { name: "To" }).fill("nonsense");
    await dialog.getByRole("button", { name: "Follow it" }).click();
    await dialog.getByRole("alert").waitFor();
    await dialog.getByRole("textbox", { name: "To" }).fill("10.96.114.226");
    await dialog.getByRole("button", { name: "Follow it" }).click();
    await page.locator(".story", { hasText: "REDIRECT --to-ports 15001" }).waitFor();
    await page.getByRole("button", { name: "Back to now" }).click();
    await page.getByText("Nothing has travelled yet", { exact: false }).waitFor();
    await page.close();
  });

  it("complains of nothing", () => {
    expect(stage.complaints).toEqual([]);
  });
});
