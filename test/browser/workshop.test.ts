import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CHROMIUM, Stage, shows, type } from "./site.ts";

const stage = new Stage();

describe.skipIf(!CHROMIUM)("a workshop without a server", { timeout: 120_000 }, () => {
  beforeAll(() => stage.open(), 180_000);
  afterAll(() => stage.close());

  it("is built by its leader, taken part in by a link, and followed by codes", async () => {
    const leader = await stage.page();
    await shows(leader, "root@sleep");
    await leader.getByRole("button", { name: "More", exact: true }).click();
    await leader.getByRole("menuitem", { name: "Workshop" }).click();
    const board = leader.getByRole("dialog", { name: "Workshop" });
    await board.getByRole("textbox", { name: "Name of the workshop" }).fill("Packets, day 1");
    await board.getByRole("checkbox", { name: "Marks are not in the packet" }).check();
    await board.getByRole("checkbox", { name: "One packet, five hooks" }).check();
    await board.getByRole("button", { name: "Move One packet, five hooks up" }).click();
    await board.getByRole("spinbutton", { name: "Minutes for One packet" }).fill("25");
    await board.getByText("0 h 40 min").waitFor();
    await board.getByRole("img", { name: "QR code" }).waitFor();
    const link = await board.getByRole("textbox", { name: "The participants' link" }).inputValue();

    const page = await stage.page(new URL(link).hash);
    const plan = page.getByRole("dialog", { name: "Packets, day 1" });
    await plan.getByRole("listitem").first().getByText("One packet, five hooks").waitFor();
    await plan.getByText("25 min").waitFor();
    await plan.getByRole("textbox", { name: "Your name" }).fill("Ada");
    await plan.getByRole("button", { name: "Begin" }).first().click();
    await page.getByText("Step 1 of", { exact: false }).waitFor();
    await shows(page, "root@router");
    await type(
      page,
      "for h in PREROUTING INPUT FORWARD OUTPUT POSTROUTING; do iptables -t mangle -A $h -p icmp; done",
    );
    await type(page, "ip netns exec client ping -c 1 10.2.0.10");
    await page.locator(".lesson .passed").nth(1).waitFor();
    await page.getByRole("button", { name: "More", exact: true }).click();
    await page.getByRole("menuitem", { name: "Workshop" }).click();
    await plan.getByText("step 1 of 6").waitFor();
    const code = await plan.getByRole("textbox", { name: "Where I am" }).inputValue();
    const proof = await plan.getByRole("textbox", { name: "Completion code" }).inputValue();
    expect(code.length).toBeLessThan(90);
    await page.close();

    await board.getByRole("textbox", { name: "Paste their codes" }).fill(`${code}\nnonsense`);
    const row = board.getByRole("row", { name: /Ada/ });
    await row.getByText("step 1 of 6").waitFor();
    const check = board.getByRole("textbox", { name: "Completion code" }).first();
    await check.fill(proof);
    await board.getByRole("button", { name: "Check it" }).click();
    await board.getByText(/One packet, five hooks: 2 of \d+ tasks pass\./).waitFor();
    await check.fill(`${proof.slice(0, -9)}xxxxxxxxx`);
    await board.getByRole("button", { name: "Check it" }).click();
    await board.getByText(/The code is broken|not fit/).waitFor();
    await leader.close();
    expect(stage.complaints).toEqual([]);
  });
});
