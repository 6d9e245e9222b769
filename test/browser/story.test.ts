import { join } from "node:path";
import type { Page } from "playwright";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { lessonSlugs, loadLesson } from "../../src/lab/lessons.ts";
import type { TaskSpec } from "../../src/lesson/spec.ts";
import { CHROMIUM, Stage, screen, shows, type } from "./site.ts";

const stage = new Stage();
const lessons = join(import.meta.dirname, "../../lessons");
const CAPTURE =
  "ztunnel-PREROUTING -p tcp -m set --match-set ztunnel-pods-ips src -j MARK --set-xmark 0x100/0x100";

/** Bring the terminal of a machine (its name, or how that begins) to the front, as a learner does. */
async function at(page: Page, machine: string): Promise<void> {
  const tab = page.locator(`[role=tab][title^="${machine}"]`);
  if ((await tab.count()) === 0) {
    await page.getByRole("button", { name: "Open a terminal", exact: true }).click();
    const [label = "", id] = machine.startsWith("node-") ? [machine, ""] : machine.split("-");
    const item = page.getByRole("menuitem").filter({ hasText: label });
    await (id ? item.filter({ hasText: id }) : item).first().click();
  } else {
    await tab.first().click();
  }
  await shows(page, `root@${machine}`);
}

let typed = 0;

/** Enter one line, wait until its command has ended, and give its status. */
async function run(page: Page, machine: string, line: string): Promise<number> {
  const end = `ended-${++typed}`;
  await at(page, machine);
  await type(page, `${line.trimEnd()}; echo ${end[0]}''${end.slice(1)} $?.`);
  await shows(page, new RegExp(`${end} \\d+\\.`));
  return Number(new RegExp(`${end} (\\d+)\\.`).exec(await screen(page))?.[1]);
}

/** The story of the `n`th TCP connection's packet of this kind, as one reads it. */
async function story(page: Page, n: number, what: string): Promise<string> {
  const back = page.getByRole("button", { name: "All journeys" });
  if (await back.isVisible()) await back.click();
  const rows = page.locator(".journeys .list .row", { hasText: /TCP\s*10\.4\.4\.19/ });
  // The newest is the first, once it is there.
  await rows.nth(n - 1).waitFor();
  await rows.first().click();
  await page
    .locator(".packets .row")
    .filter({ has: page.getByText(`TCP ${what}`, { exact: true }) })
    .first()
    .click();
  return page.locator('.story[aria-busy="false"]').innerText();
}

/** Answer a lesson's question as a person would. */
async function answer(page: Page, { text, ask }: TaskSpec): Promise<void> {
  const words = text.map((part) => ("text" in part ? part.text : "")).join("");
  const task = page.getByRole("region", { name: "Lesson" }).getByRole("listitem");
  const mine = task.filter({ hasText: words.slice(0, 40) }).first();
  if (ask?.kind === "type") {
    await mine.getByRole("textbox").fill(ask.answers[0] ?? "");
    await mine.getByRole("button", { name: "Check" }).click();
  } else if (ask?.kind === "choose") {
    const right = ask.options.findIndex((option) => option.right);
    await mine.locator(".option").nth(right).click();
  } else if (ask?.kind === "row") {
    await mine.getByRole("button", { name: "Show the tables" }).click();
    const row = page.locator(".sections button", { hasText: ask.text }).first();
    // It may be in another namespace than the terminal's, and in another table.
    const spaces = page.getByRole("combobox", { name: "Namespace" });
    const topics = page.getByRole("group", { name: "Tables" }).getByRole("button");
    search: for (let n = 0; n < (await spaces.locator("option").count()); n++) {
      await spaces.selectOption({ index: n });
      for (const topic of await topics.all()) {
        await topic.click();
        if (
          await row.waitFor({ timeout: 400 }).then(
            () => true,
            () => false,
          )
        )
          break search;
      }
    }
    await row.click();
  } else if (ask?.kind === "packet") {
    await mine.getByRole("button", { name: "Show the journeys" }).click();
    const rows = page.locator(".journeys .list .row");
    await rows.first().waitFor();
    search: for (let n = 0; n < (await rows.count()); n++) {
      await rows.nth(n).click();
      const packets = page.locator(".packets .row");
      await packets.first().waitFor();
      for (let i = 0; i < Math.min(12, await packets.count()); i++) {
        await packets.nth(i).click();
        await page.waitForTimeout(150);
        if (await mine.and(page.locator(".passed")).count()) break search;
      }
      await page.getByRole("button", { name: "All journeys" }).click();
    }
    await page.getByRole("button", { name: "All journeys" }).click();
  }
  await mine.and(page.locator(".passed")).waitFor();
}

describe.skipIf(!CHROMIUM)("the whole story, typed", { timeout: 240_000 }, () => {
  beforeAll(() => stage.open(), 180_000);
  afterAll(() => stage.close());

  it("breaks one rule, sees why the request hangs, and goes round the mesh", async () => {
    const page = await stage.page();
    await shows(page, "root@sleep");
    expect(await run(page, "sleep", "curl -s productpage:9080/ | head -3")).toBe(0);
    expect(await screen(page)).toContain("Simple Bookstore App");
    expect(await story(page, 1, "SYN")).toContain("istioout");

    expect(await run(page, "node-a", `iptables -t mangle -D ${CAPTURE}`)).toBe(0);
    expect(await run(page, "sleep", "curl --max-time 5 10.8.14.226:9080/")).toBe(28);
    const out = await story(page, 2, "SYN");
    for (const part of ["KUBE-SERVICES", "DNAT", "eth0"]) expect(out).toContain(part);
    expect(out).not.toContain("istioout");
    const back = await story(page, 2, "SYN,ACK");
    for (const part of ["103", "table 100", "istioin", "pistioin", "ztunnel-rts54"])
      expect(back).toContain(part);

    expect(await run(page, "node-a", "ip route del table 100 10.4.4.19")).toBe(0);
    expect(await run(page, "sleep", "curl -s --max-time 5 10.8.14.226:9080/ | head -3")).toBe(0);
    expect(await screen(page)).toContain("Simple Bookstore App");
    const unprotected = await story(page, 3, "SYN,ACK");
    // The client's ztunnel has no part in it; the server's takes plaintext too, at 15006.
    for (const part of ["ztunnel-rts54", "istioout"]) expect(unprotected).not.toContain(part);
    expect(unprotected).toContain("VNI 1000 to 10.4.3.1");
    await page.close();
    expect(stage.complaints).toEqual([]);
  });

  it.concurrent.each(lessonSlugs(lessons))(
    "takes a learner through %s, step by step",
    async (slug) => {
      const lesson = loadLesson(lessons, slug);
      const page = await stage.page(`?lesson=${slug}`);
      const panel = page.getByRole("region", { name: "Lesson" });
      for (const [index, step] of lesson.steps.entries()) {
        await panel.getByRole("heading", { name: step.title }).waitFor();
        expect(await panel.locator(".good").count()).toBe(0);
        for (const { at, run: line } of step.solution) await run(page, at, line);
        for (const task of step.tasks) if (task.ask) await answer(page, task);
        await panel.locator(".good").waitFor();
        if (index < lesson.steps.length - 1)
          await panel.getByRole("button", { name: "Next" }).click();
      }
      expect(await panel.locator(".step.done").count()).toBe(lesson.steps.length);
      await page.reload();
      await shows(page, "root@");
      await page.close();
      expect(stage.complaints).toEqual([]);
    },
  );
});
