import type { Page } from "playwright";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CHROMIUM, Stage, shows, type } from "./site.ts";

const stage = new Stage();

/** A terminal on a node, from its box on the map. */
async function openNode(page: Page, name: string): Promise<void> {
  await page.getByRole("button", { name: `Open a terminal on ${name}` }).focus();
  await page.keyboard.press("Enter");
  await shows(page, `root@${name}`);
}

describe.skipIf(!CHROMIUM)("tables, now and at any moment", { timeout: 120_000 }, () => {
  beforeAll(() => stage.open(), 180_000);
  afterAll(() => stage.close());

  it("follow what is typed, know their packets, and show what they were", async () => {
    const page = await stage.page();
    await shows(page, "root@sleep");
    await type(page, "curl -s productpage:9080/ | head -3");
    await shows(page, "Simple Bookstore App");
    await openNode(page, "node-a");
    await page.getByRole("button", { name: "Tables", exact: true }).click();
    const rows = page.locator(".sections tr");
    await rows.filter({ hasText: "-p udp -j MARK --set-xmark 0x220/0x220" }).first().waitFor();
    expect(await page.locator(".sections tr.new").count()).toBe(0);
    await type(page, "iptables -t mangle -A PREROUTING -p tcp --dport 81 -j MARK --set-mark 1");
    await rows.filter({ hasText: "--dport 81" }).waitFor();
    await page.getByRole("button", { name: "Routes", exact: true }).click();
    await type(page, "ip rule add pref 7 fwmark 7 lookup 77");
    await rows.filter({ hasText: "fwmark 0x7 lookup 77" }).waitFor();

    // A moment before both: what has come since is marked.
    await page.getByRole("slider", { name: "Timeline" }).focus();
    await page.keyboard.press("Home");
    await page.getByText("As it was at", { exact: false }).waitFor();
    await page.locator(".sections tr.new", { hasText: "fwmark 0x7 lookup 77" }).waitFor();
    await page.getByRole("button", { name: "Rules", exact: true }).click();
    await page.locator(".sections tr.new", { hasText: "--dport 81" }).waitFor();
    await page.keyboard.press("Escape");

    // And its packets, by a click on a rule.
    await page.getByRole("slider", { name: "Timeline" }).focus();
    await page.keyboard.press("Escape");
    await page.getByText("As it was at", { exact: false }).waitFor({ state: "detached" });
    await rows.getByRole("button", { name: "-p udp -j MARK --set-xmark 0x220" }).first().click();
    const journeys = page.locator(".journeys .list .row");
    await journeys.filter({ hasText: "10.8.0.10:53" }).first().waitFor();
    await journeys.filter({ hasText: "9080" }).first().waitFor({ state: "detached" });
    await page.close();
  });

  it("go with the decisions about a packet, one by one", async () => {
    const page = await stage.page();
    await shows(page, "root@sleep");
    await type(page, "curl -s productpage:9080/ | head -3");
    await shows(page, "Simple Bookstore App");
    await page.locator(".journeys .list .row", { hasText: "10.8.0.10:53" }).first().click();
    await page.locator(".columns").waitFor();
    const said = page.locator(".decision");
    for (const n of [1, 2, 3]) {
      await page.getByRole("button", { name: "The next decision" }).click();
      await said.filter({ hasText: new RegExp(`^${n} of \\d+`) }).waitFor();
    }
    await said.filter({ hasText: "32766: from all lookup main" }).waitFor();
    await page.locator(".columns .now", { hasText: "lookup main" }).waitFor();
    await page.locator(".box.here", { hasText: "sleep" }).waitFor();
    await page.getByRole("slider", { name: "Timeline" }).focus();
    await page.keyboard.press("Shift+ArrowLeft");
    await said.filter({ hasText: /^2 of/ }).waitFor();
    await page.close();
  });

  it("name a device, with what it has counted and what speaks of it", async () => {
    const page = await stage.page();
    await shows(page, "root@sleep");
    await page
      .getByRole("button", { name: /^istioin: / })
      .first()
      .focus();
    const card = page.getByRole("tooltip");
    await card
      .getByText(/\d+ packets, \d+ bytes/)
      .first()
      .waitFor();
    await card.getByText("-A ztunnel-PREROUTING -i istioin", { exact: false }).first().waitFor();
    await page.close();
  });
});
