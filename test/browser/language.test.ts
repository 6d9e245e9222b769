import type { Page } from "playwright";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CHROMIUM, Stage, serious, shows, type } from "./site.ts";

const stage = new Stage();

/** What a page has loaded of translations: names of files. */
async function loaded(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    performance
      .getEntriesByType("resource")
      .map(({ name }) => name.split("/").pop() ?? "")
      .filter((name) => /^de-/.test(name)),
  );
}

describe.skipIf(!CHROMIUM)("the page in another language", { timeout: 120_000 }, () => {
  beforeAll(() => stage.open(), 180_000);
  afterAll(() => stage.close());

  it("is the browser's where there is a translation, hints and journeys too", async () => {
    const page = await stage.page("?lesson=one-packet-five-hooks&step=2", { locale: "de-AT" });
    await shows(page, "root@router");
    await page.getByRole("heading", { name: "Zur Maschine" }).waitFor();
    expect(await page.locator("html").getAttribute("lang")).toBe("de");
    await page.getByRole("button", { name: "Was fehlt noch?" }).first().click();
    await page
      .getByText("Seit dieser Schritt begonnen hat, gab es kein Paket", { exact: false })
      .waitFor();
    await page.getByRole("button", { name: "Tippen" }).first().click();
    await shows(page, "1 received");
    await page.locator(".journeys .list .row").first().click();
    await page.getByText("gesendet von", { exact: false }).first().waitFor();
    expect(await serious(page)).toEqual([]);
    await page.close();
  });

  it("changes by the menu, in the world and at the step where one is", async () => {
    const page = await stage.page("?lesson=one-packet-five-hooks");
    await shows(page, "root@router");
    expect(await loaded(page)).toEqual([]);
    await page.getByRole("heading", { name: "Through the machine" }).waitFor();
    await type(page, "echo kept > /tmp/note; ip netns exec client ping -c 1 10.1.0.1");
    await shows(page, "1 received");
    await page.getByRole("button", { name: "Next", exact: true }).click();
    await page.getByRole("button", { name: "More", exact: true }).click();
    await page.getByRole("menuitemcheckbox", { name: "Deutsch" }).click();
    await page.getByRole("heading", { name: "Zur Maschine" }).waitFor();
    await type(page, "cat /tmp/note");
    await shows(page, /kept.*kept/);
    // The words, and the lesson's: nothing else of the language.
    expect((await loaded(page)).length).toBeLessThanOrEqual(2);
    // It is remembered; a lesson without a translation is in English.
    await page.goto(`${stage.address}?lesson=marks`);
    await page.getByText("Schritt 1 von", { exact: false }).waitFor();
    await page.close();
  });

  it("that is not there is English", async () => {
    const page = await stage.page("?world=router&lang=eo");
    await shows(page, "root@router");
    expect(await page.locator("html").getAttribute("lang")).toBe("en");
    expect(stage.complaints).toEqual([]);
    await page.close();
  });
});
