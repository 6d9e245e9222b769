import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CHROMIUM, Stage, shows, type } from "./site.ts";

const stage = new Stage();

describe.skipIf(!CHROMIUM)("without a network", { timeout: 120_000 }, () => {
  beforeAll(() => stage.open(), 180_000);
  afterAll(() => stage.close());

  it("opens worlds and lessons after the first visit, when the server is gone", async () => {
    const page = await stage.page();
    await shows(page, "root@sleep");
    await page.evaluate(() => navigator.serviceWorker.ready);
    await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
    stage.server.closeAllConnections();
    await new Promise((done) => stage.server.close(done));
    await expect(fetch(stage.address)).rejects.toThrow();

    await page.goto(`${stage.address}?lesson=who-may-call-whom&step=2`);
    await page.getByText("Step 2 of", { exact: false }).waitFor();
    await page.goto(`${stage.address}?world=router`);
    await shows(page, "root@router");
    await type(page, "echo off; ip netns exec client ping -c 1 10.2.0.10 | grep received");
    await shows(page, "1 received");
    await type(page, "edit /etc/hosts");
    await page.getByRole("dialog", { name: "Edit /etc/hosts" }).waitFor();
    await page.locator(".monaco-editor .view-line").first().waitFor();
    await page.close();
    // What Chromium says of the update that it could not look for.
    expect(stage.complaints.filter((one) => !/Failed to (load resource|update)/.test(one))).toEqual(
      [],
    );
  });
});
