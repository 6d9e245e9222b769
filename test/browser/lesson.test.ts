import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CHROMIUM, Stage, serious, shows, type } from "./site.ts";

const root = join(import.meta.dirname, "../..");
const SLUG = "made-by-a-test";
const author = mkdtempSync(join(tmpdir(), "hopscope-lesson-"));
const file = join(author, "lessons", SLUG, "lesson.md");
const stage = new Stage();
let server: ChildProcess;
let address = "";

/** A new lesson from the skeleton, and the built page, served as `npm start` does. */
async function begin(): Promise<void> {
  await stage.open();
  const { newLesson } = await import("../../src/lab/lesson-new.ts");
  newLesson(author, SLUG);
  const vite = join(root, "node_modules/vite/bin/vite.js");
  const env = { ...process.env, NO_COLOR: "1", HOPSCOPE_LESSONS: join(author, "lessons") };
  const args = [vite, "preview", "--port", "0", "--host", "127.0.0.1", "--outDir", stage.place];
  server = spawn(process.execPath, args, { cwd: root, env });
  address = await new Promise((done, fail) => {
    let said = "";
    server.stdout?.on("data", (data) => {
      said += data;
      const found = /http:\/\/127\.0\.0\.1:\d+\//.exec(said);
      if (found) done(found[0]);
    });
    server.on("exit", () => fail(new Error(said)));
  });
}

describe.skipIf(!CHROMIUM)("a lesson that is being written", { timeout: 120_000 }, () => {
  beforeAll(begin, 180_000);
  afterAll(async () => {
    server?.kill();
    rmSync(author, { recursive: true, force: true });
    await stage.close();
  });

  it("is there at once, asks, predicts, hints, draws, and follows its file at the same step", async () => {
    const page = await stage.page();
    await page.goto(`${address}?lesson=${SLUG}`);
    const panel = page.getByRole("region", { name: "Lesson" });
    await panel.getByRole("heading", { name: "A packet goes through" }).waitFor();
    await panel.getByText("Nothing to draw yet").waitFor();

    // What is expected is said before, and revealed after.
    await panel.getByRole("button", { name: "west", exact: true }).click();
    // Help comes one at a time: what is wrong, the hints, the solution.
    await panel.getByRole("button", { name: "What is missing?" }).click();
    await panel.getByText("there was no packet", { exact: false }).waitFor();
    await panel.getByRole("button", { name: "A hint" }).click();
    await panel.getByText("The server is", { exact: false }).waitFor();
    await panel.getByRole("button", { name: "Another hint" }).click();
    await panel.getByRole("button", { name: "Do it for me" }).click();
    await panel.getByText("Done: on to the next step.").waitFor();
    await panel.getByText("Its network is behind it.").waitFor();
    await panel.locator("figure .stops li", { hasText: "west → east" }).waitFor();
    await panel.getByRole("button", { name: "Open this packet" }).click();
    await page.locator(".columns .leg").first().waitFor();

    await panel.getByRole("button", { name: "Next" }).click();
    await type(page, "iptables -A INPUT -p icmp -j DROP");
    await panel.getByRole("button", { name: "What is missing?" }).first().click();
    await panel.getByText("this one only passes", { exact: false }).waitFor();
    const answer = panel.getByRole("textbox", { name: "Your answer" });
    await answer.fill("INPUT");
    await answer.press("Enter");
    await panel.getByText("“INPUT” is not it.").waitFor();
    await answer.fill("forward");
    await answer.press("Enter");
    await panel.locator(".answer", { hasText: "FORWARD" }).waitFor();

    // Its author saves it.
    const text = readFileSync(file, "utf8");
    writeFileSync(
      file,
      text.replace("Break something, and see where it ends.", "Break it *well*."),
    );
    await panel.getByText("Break it").waitFor();
    await panel.getByRole("heading", { name: "Now stop it" }).waitFor();
    await panel.locator(".answer", { hasText: "FORWARD" }).waitFor();
    writeFileSync(file, text.replace("answer: FORWARD", "answer: FORWARD\n    chose: 1"));
    await page.getByText(`lessons/${SLUG}/lesson.md:`, { exact: false }).waitFor();
    writeFileSync(file, text);

    // Blocks within blocks, inlines within inlines.
    const nested =
      "### Ports\n\n| Port | Who |\n|--:|---|\n| `15008` | **a [link](https://example.com)** |\n\n3. One\n\n   ```sh router\n   ip rule\n   ```\n   - deeper\n\n> quoted\n>\n> twice";
    writeFileSync(file, text.replace("Break something, and see where it ends.", nested));
    await panel.getByRole("heading", { name: "Ports", level: 4 }).waitFor();
    await panel.getByRole("columnheader", { name: "Who" }).waitFor();
    await panel.locator("td strong a", { hasText: "link" }).waitFor();
    await panel.locator("ol[start='3'] > li > ul > li", { hasText: "deeper" }).waitFor();
    await panel.locator("ol > li .code", { hasText: "ip rule" }).getByText("Type it").click();
    await page.getByText("32766:", { exact: false }).first().waitFor();
    expect(await panel.locator("blockquote p").count()).toBe(2);
    expect(await serious(page)).toEqual([]);
    writeFileSync(file, text);

    // A step can begin anew, and the page comes back to where one was.
    await panel.getByRole("button", { name: "Begin this step anew" }).click();
    await panel.getByRole("heading", { name: "Now stop it" }).waitFor();
    expect(await panel.locator(".step.done").count()).toBe(1);
    await page.reload();
    await panel.getByRole("heading", { name: "Now stop it" }).waitFor();
    await page.close();
  });

  it("opens as it was saved last, once, at the step that the address names", async () => {
    // One that the built page knows, and has another text of.
    const marks = join(author, "lessons/marks/lesson.md");
    const known = readFileSync(join(root, "lessons/marks/lesson.md"), "utf8");
    const titles = [...known.matchAll(/^## (.*)$/gm)].map(([, title]) => title ?? "");
    mkdirSync(join(author, "lessons/marks"));
    const saved = known.replace(`## ${titles[1]}`, "## Saved after the build");
    // As many editors do: another file takes its name.
    writeFileSync(`${marks}.new`, saved);
    renameSync(`${marks}.new`, marks);
    for (const [slug, title] of [
      [SLUG, "Now stop it"],
      ["marks", "Saved after the build"],
    ] as const) {
      const page = await stage.browser.newPage();
      const titlesSeen: string[] = [];
      await page.exposeFunction("seen", (text: string) => titlesSeen.push(text));
      await page.addInitScript(() => {
        const { seen } = window as unknown as { seen: (text: string) => void };
        let last = "";
        new MutationObserver(() => {
          const text = document.querySelector("[aria-label=Lesson] h3")?.textContent ?? "";
          if (text !== last && text) seen(text);
          last = text;
        }).observe(document, { subtree: true, childList: true, characterData: true });
      });
      await page.goto(`${address}?lesson=${slug}&step=2`);
      const panel = page.getByRole("region", { name: "Lesson" });
      await panel.getByRole("heading", { name: title }).waitFor();
      await page.waitForTimeout(1000);
      expect(titlesSeen).toEqual([expect.stringContaining(title)]);
      await page.close();
    }
  });

  it("offers where to begin as long as nothing has travelled, and the lesson that was left", async () => {
    const page = await stage.page("?world=linux");
    const offered = page.locator(".journeys .lesson");
    await offered.filter({ hasText: "One packet, five hooks" }).waitFor();
    await page.goto(`${stage.address}?lesson=marks&step=2`);
    await page.getByRole("region", { name: "Lesson" }).getByText("Step 2 of").waitFor();
    expect(await offered.count()).toBe(0);
    await page.goto(`${stage.address}?world=router`);
    await offered.first().filter({ hasText: "Marks are not in the packet" }).waitFor();
    const sends = page.locator(".journeys .commands");
    await sends.getByRole("button", { name: "Type it" }).click();
    await shows(page, "2 packets transmitted, 2 received");
    await page.locator(".journeys .row", { hasText: "10.1.0.10 → 10.2.0.10" }).waitFor();
    expect(await sends.count()).toBe(0);
    await page.close();
    expect(stage.complaints).toEqual([]);
  });

  it("keeps progress where one sees it, and lets it be forgotten", async () => {
    const page = await stage.page("?lesson=marks&step=2");
    const panel = page.getByRole("region", { name: "Lesson" });
    await panel.getByText("Step 2 of", { exact: false }).waitFor();
    await page.getByRole("button", { name: "More", exact: true }).click();
    await page.getByRole("menuitem", { name: "Your progress" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText(/step 2 of \d/).waitFor();
    const saved = page.waitForEvent("download");
    await dialog.getByRole("button", { name: "Save as a file" }).click();
    expect((await saved).suggestedFilename()).toBe("hopscope-progress.json");
    await dialog.getByRole("button", { name: "Forget" }).click();
    await dialog.getByText("No lesson has been begun.").waitFor();
    await page.close();
    expect(stage.complaints).toEqual([]);
  });
});
