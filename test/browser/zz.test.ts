import { afterAll, beforeAll, expect, it } from "vitest";
import { Stage, screen, shows, type } from "./site.ts";
const stage = new Stage();
beforeAll(() => stage.open(), 180_000);
afterAll(() => stage.close());
async function at(page: any, machine: string): Promise<void> {
  const tab = page.locator(`[role=tab][title^="${machine}"]`);
  if ((await tab.count()) === 0) {
    await page.getByRole("button", { name: "Open a terminal", exact: true }).click();
    const [label = "", id] = machine.startsWith("node-") ? [machine, ""] : machine.split("-");
    const item = page.getByRole("menuitem").filter({ hasText: label });
    await (id ? item.filter({ hasText: id }) : item).first().click();
  } else await tab.first().click();
  await shows(page, `root@${machine}`);
}
it("x", { timeout: 100_000 }, async () => {
  const page = await stage.page("?lesson=what-hbone-carries");
  await at(page, "sleep");
  await type(page, "curl -s productpage:9080/");
  await page.waitForTimeout(1500);
  await at(page, "node-b");
  await type(page, "kubectl logs -n istio-system ztunnel-z4qmh");
  await page.waitForTimeout(1500);
  await type(page, "kubectl delete pod -n istio-system ztunnel-z4qmh; sleep 2; echo e''nd $?.");
  for (let i = 0; i < 4; i++) {
    await page.waitForTimeout(2000);
    console.log("C", i, (await screen(page)).slice(-600), stage.complaints);
  }
  console.log(await page.locator("body").innerText());
});
