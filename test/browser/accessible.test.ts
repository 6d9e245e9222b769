import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CHROMIUM, Stage, serious, shows, type } from "./site.ts";

const stage = new Stage();

describe.skipIf(!CHROMIUM)("axe-core finds nothing serious", { timeout: 120_000 }, () => {
  beforeAll(() => stage.open(), 180_000);
  afterAll(() => stage.close());

  for (const colorScheme of ["dark", "light"] as const)
    for (const viewport of [
      { width: 1440, height: 900 },
      { width: 390, height: 844 },
    ])
      it(`in ${colorScheme}, ${viewport.width} wide`, async () => {
        const page = await stage.page("?lesson=what-hbone-carries", { colorScheme, viewport });
        const found: Record<string, string[]> = {};
        const look = async (view: string): Promise<void> => {
          const list = await serious(page);
          if (list.length) found[view] = list;
        };
        const area = async (name: string): Promise<void> => {
          const tab = page.locator(`nav > button.${name}`);
          if (await tab.isVisible()) await tab.click();
        };
        await page.getByText("Step 1 of", { exact: false }).waitFor();
        await look("lesson");
        await area("terminal");
        await shows(page, "root@");
        await type(page, "curl -s productpage:9080/ | head -3");
        await shows(page, "Simple Bookstore App");
        await look("terminal");
        await area("map");
        await look("map");
        await area("journeys");
        await page.locator(".journeys .list .row", { hasText: "9080" }).first().click();
        await page.locator('.story[aria-busy="false"]').waitFor();
        await look("story");
        await page.getByRole("button", { name: "Table", exact: true }).click();
        await look("table");
        await page.getByRole("button", { name: "Bytes", exact: true }).click();
        await page.getByRole("tree").waitFor();
        await look("bytes");
        await page.getByRole("button", { name: "All journeys" }).click();
        await page.getByRole("button", { name: "Tables", exact: true }).click();
        await page.getByRole("button", { name: "Routes", exact: true }).click();
        await page.locator(".sections tr").first().waitFor();
        await look("tables");
        await page.getByRole("button", { name: "Journeys", exact: true }).first().click();
        await page.getByRole("button", { name: "More", exact: true }).click();
        await page.getByRole("menuitem", { name: "Workshop" }).click();
        await page.locator("dialog input[type=checkbox]").first().check();
        await page.getByRole("img", { name: "QR code" }).waitFor();
        await look("workshop");
        await page.keyboard.press("Escape");
        await page.keyboard.press("Control+Shift+P");
        await page.getByRole("listbox").waitFor();
        await look("palette");
        await page.close();
        expect(found).toEqual({});
      });
});
