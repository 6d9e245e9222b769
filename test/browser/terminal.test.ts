import type { Locator, Page } from "playwright";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CHROMIUM, Stage, screen, shows, type } from "./site.ts";

const stage = new Stage();

/** Words of the terminal that is seen, as a box on the page. */
async function boxOf(page: Page, words: string): Promise<{ x: number; y: number }> {
  const box = await page.evaluate((wanted) => {
    const rows = document.querySelectorAll(".terminal.shown .xterm-rows > div");
    for (const row of [...rows].reverse()) {
      const at = row.textContent?.indexOf(wanted) ?? -1;
      if (at < 0) continue;
      const { left, top, height } = row.getBoundingClientRect();
      const width =
        (row.firstElementChild?.getBoundingClientRect().width ?? 0) /
        (row.firstElementChild?.textContent?.length ?? 1);
      return { x: left + (at + wanted.length / 2) * width, y: top + height / 2 };
    }
    return null;
  }, words);
  if (!box) throw new Error(`"${words}" is not seen`);
  return box;
}

const filter = (page: Page): Locator => page.locator(".journeys input");

describe.skipIf(!CHROMIUM)("the terminal", { timeout: 120_000 }, () => {
  beforeAll(() => stage.open(), 180_000);
  afterAll(() => stage.close());

  it("searches, up and down, and gives the focus back", async () => {
    const page = await stage.page();
    await shows(page, "root@sleep");
    const chunks: string[] = [];
    page.on("request", (request) => chunks.push(request.url()));
    await type(page, "seq 100 140; echo 'needle one'; seq 30; echo 'needle two'");
    await shows(page, /needle two.*root@sleep/);
    expect(chunks.filter((url) => url.includes("SearchField"))).toEqual([]);
    await page.keyboard.press("Control+Shift+F");
    const field = page.getByRole("textbox", { name: "Search the terminal" });
    await field.waitFor();
    await page.waitForFunction(() => document.activeElement?.closest(".search"));
    await page.keyboard.type("NEEDLE");
    const count = page.locator(".search [role=status]");
    await count.filter({ hasText: "4 of 4" }).waitFor();
    // The newest first; the command itself, which scrolled away, comes last.
    await page.keyboard.press("Enter");
    await count.filter({ hasText: "3 of 4" }).waitFor();
    await page.keyboard.press("Enter");
    await page.keyboard.press("Enter");
    await count.filter({ hasText: "1 of 4" }).waitFor();
    await shows(page, "seq 100 140");
    await page.getByRole("button", { name: "The one below" }).click();
    await count.filter({ hasText: "2 of 4" }).waitFor();
    await field.fill("nowhere to be found");
    await count.filter({ hasText: "nothing" }).waitFor();
    await field.press("Escape");
    await field.waitFor({ state: "detached" });
    await page.keyboard.type("echo ba''ck\r");
    await shows(page, "back");
    await page.close();
  });

  it("links an address and a mark to their packets", async () => {
    const page = await stage.page();
    await shows(page, "root@sleep");
    await type(page, "curl -s productpage:9080/ >/dev/null; ping -c 1 10.4.4.1 | head -2");
    await shows(page, "64 bytes from 10.4.4.1:");
    const rows = page.locator(".journeys .list .row");
    await rows.filter({ hasText: ":9080" }).first().click();
    await page.locator(".packets .row").first().waitFor();
    const address = await boxOf(page, "from 10.4.4.1");
    await page.mouse.move(address.x + 10, address.y);
    await page.locator(".xterm-cursor-pointer").waitFor();
    await page.mouse.click(address.x + 10, address.y);
    // The journey that was open makes room for the list.
    await filter(page).waitFor();
    expect(await filter(page).inputValue()).toBe("ip.addr == 10.4.4.1");
    await rows.filter({ hasText: ":9080" }).waitFor({ state: "detached" });
    await rows.filter({ hasText: "10.4.4.19 → 10.4.4.1" }).waitFor();

    // By keyboard: the same, from a menu.
    await type(page, "clear; echo to 10.8.14.226:9080 --mark 0x100/0x100 -j nothing");
    await shows(page, /^to 10\.8\.14\.226:9080 --mark/);
    const menu = page.getByRole("button", { name: "Addresses and marks that are seen" });
    await menu.press("Enter");
    await page.getByRole("menuitem", { name: "0x100/0x100" }).press("Enter");
    expect(await filter(page).inputValue()).toBe("mark == 0x100");
    await rows.filter({ hasText: ":9080" }).first().waitFor();
    await menu.press("Enter");
    await page.getByRole("menuitem", { name: "10.8.14.226:9080" }).press("Enter");
    expect(await filter(page).inputValue()).toBe("ip.addr == 10.8.14.226 and tcp.port == 9080");
    await page.close();
  });

  it("shows two side by side, by keyboard, and stacked where it is narrow", async () => {
    const page = await stage.page();
    await shows(page, "root@sleep");
    const columns = async (key: number): Promise<number> => {
      const place = page.locator(`#live-terminal-${key} .xterm-screen`);
      return (await place.boundingBox())?.width ?? 0;
    };
    const whole = await columns(1);
    await page.keyboard.press("Control+Shift+E");
    const second = page.locator("#live-terminal-2 .xterm-rows");
    await second.filter({ hasText: "root@sleep" }).waitFor();
    await page.keyboard.type("echo ri''ght $(stty size)\r");
    await second.filter({ hasText: /right \d+ \d+/ }).waitFor();
    expect(await columns(1)).toBeLessThan(whole * 0.6);
    expect(await columns(2)).toBeLessThan(whole * 0.6);
    expect(await page.locator('[role=tab][aria-selected="true"]').count()).toBe(2);

    // Second terminal, its tab, first terminal.
    await page.keyboard.press("F6");
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("live-tab-2");
    await page.keyboard.press("F6");
    await page.keyboard.type("echo le''ft\r");
    const first = page.locator("#live-terminal-1 .xterm-rows");
    await first.filter({ hasText: "left" }).waitFor();
    expect(await second.textContent()).not.toContain("left");

    // A third takes the place of the one that is typed in.
    await page.getByRole("button", { name: "Open a terminal", exact: true }).click();
    await page.getByRole("menuitem", { name: "node-a", exact: true }).click();
    await page.locator("#live-terminal-3.first").getByText("root@node-a").waitFor();
    expect(await page.locator("#live-terminal-1").isVisible()).toBe(false);

    await page.setViewportSize({ width: 500, height: 800 });
    const upper = await page.locator("#live-terminal-3").boundingBox();
    const lower = await page.locator("#live-terminal-2").boundingBox();
    expect(lower?.x).toBe(upper?.x);
    expect(lower?.y).toBeGreaterThan(upper?.y ?? 0);
    await page.setViewportSize({ width: 1440, height: 900 });

    await page.keyboard.press("Control+Shift+E");
    await page.locator("#live-terminal-3.alone").waitFor();
    expect(await columns(3)).toBeGreaterThan(whole * 0.9);
    await page.close();
  });

  it("keeps the focus on a tab that the arrows chose", async () => {
    const page = await stage.page();
    await shows(page, "root@sleep");
    await page.getByRole("button", { name: "Open a terminal", exact: true }).click();
    await page.getByRole("menuitem", { name: "node-a", exact: true }).click();
    await shows(page, "root@node-a");
    await page.keyboard.press("F6");
    await page.keyboard.press("ArrowLeft");
    await shows(page, "root@sleep");
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("live-tab-1");
    await page.close();
  });

  it("has a bar of keys on touch, which leaves the focus where it is", async () => {
    const page = await stage.page("", {
      viewport: { width: 390, height: 844 },
      hasTouch: true,
      isMobile: true,
    });
    await shows(page, "root@sleep");
    const key = (name: string) =>
      page.getByRole("toolbar", { name: "Keys" }).getByRole("button", { name, exact: true });
    await page.locator(".terminal.shown .xterm-screen").tap();
    await page.keyboard.type("echo one two");
    await key("Vertical bar").tap();
    await page.keyboard.type("wc -w");
    await page.keyboard.press("Enter");
    await shows(page, /wc -w2/);
    await key("Up").tap();
    await shows(page, /wc -w2.*wc -w/);
    // Ctrl is held for one key: to the beginning of the line.
    await key("Ctrl").tap();
    expect(await key("Ctrl").getAttribute("aria-pressed")).toBe("true");
    await page.keyboard.type("a");
    expect(await key("Ctrl").getAttribute("aria-pressed")).toBe("false");
    await page.keyboard.type("true; ");
    await key("Left").tap();
    await key("Left").tap();
    await page.keyboard.type("2");
    await shows(page, "true2; echo one two|wc -w");
    expect(await page.evaluate(() => document.activeElement?.className)).toContain("xterm-helper");
    await page.close();

    const desk = await stage.page();
    await shows(desk, "root@sleep");
    expect(await desk.getByRole("toolbar", { name: "Keys" }).count()).toBe(0);
    await desk.close();
  });

  it("pastes several lines as one text, and shows no other ground below them", async () => {
    const page = await stage.page("", { viewport: { width: 1440, height: 702 } });
    await shows(page, "root@sleep");
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await page.evaluate(() => navigator.clipboard.writeText("echo fir''st\necho seco''nd"));
    await page.keyboard.press("Control+Shift+V");
    await shows(page, "seco''nd");
    expect(await screen(page)).not.toContain("first");
    await page.keyboard.press("Enter");
    await shows(page, /first.*second/);
    const grounds = await page.evaluate(() =>
      [".pane", ".terminal.shown .xterm-viewport"].map((name) => {
        const element = document.querySelector(`.area.terminal ${name}`);
        return element && getComputedStyle(element).backgroundColor;
      }),
    );
    expect(grounds[1]).toBe(grounds[0]);
    await page.close();
  });

  it("complains of nothing", () => {
    expect(stage.complaints).toEqual([]);
  });
});
