import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { strFromU8, unzipSync } from "fflate";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadLesson } from "../../src/lab/lessons.ts";
import { scormPackage } from "../../src/lab/scorm.ts";
import { CHROMIUM, Stage, serve } from "./site.ts";

const stage = new Stage();
const folder = mkdtempSync(join(tmpdir(), "hopscope-scorm-"));
const SLUG = "one-packet-five-hooks";
const lesson = loadLesson(join(import.meta.dirname, "../../lessons"), SLUG);
let server: Server;
let made: Uint8Array = new Uint8Array();
let files: Record<string, Uint8Array> = {};

/** A learning management system: keeps what it is told, and what was asked of it. */
const SYSTEM = `<!doctype html><title>System</title><script>
  window.calls = [];
  window.kept = JSON.parse(sessionStorage.kept ?? "{}");
  const note = (...call) => { calls.push(call.join(" ")); return "true"; };
  window.API = {
    LMSInitialize: () => note("init"),
    LMSGetValue: (name) => kept[name] ?? "",
    LMSSetValue: (name, value) => { kept[name] = value; sessionStorage.kept = JSON.stringify(kept); return note("set", name, value); },
    LMSCommit: () => note("commit"),
    LMSFinish: () => note("finish"),
  };
</script><body style="margin:0"><iframe src="launch.html" style="width:100%;height:95vh;border:0"></iframe>`;

describe.skipIf(!CHROMIUM)("a lesson in a learning management system", { timeout: 120_000 }, () => {
  beforeAll(async () => {
    await stage.open();
    made = scormPackage(lesson, stage.place);
    files = unzipSync(made);
    for (const [name, data] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), data);
    }
    writeFileSync(join(folder, "system.html"), SYSTEM);
    server = await serve(folder);
  }, 180_000);
  afterAll(async () => {
    server?.close();
    rmSync(folder, { recursive: true, force: true });
    await stage.close();
  });

  it("is a package of SCORM 1.2, the same each time", () => {
    const manifest = strFromU8(files["imsmanifest.xml"] as Uint8Array);
    expect(manifest).toContain("<schemaversion>1.2</schemaversion>");
    expect(manifest).toContain('adlcp:scormtype="sco" href="launch.html"');
    for (const [, href = ""] of manifest.matchAll(/<file href="([^"]+)"/g))
      expect(files).toHaveProperty([href]);
    expect(Buffer.compare(scormPackage(lesson, stage.place), made)).toBe(0);
  });

  it("says how far somebody has come, and goes on from there", async () => {
    const page = await stage.browser.newPage();
    page.setDefaultTimeout(30_000);
    const { port } = server.address() as AddressInfo;
    await page.goto(`http://127.0.0.1:${port}/system.html`);
    const frame = page.frameLocator("iframe").frameLocator("iframe");
    await frame.getByRole("heading", { name: lesson.steps[0]?.title ?? "" }).waitFor();
    for (const n of [0, 1]) await frame.getByRole("button", { name: "Type it" }).nth(n).click();
    await page.waitForFunction(() =>
      /reply/.test(
        (window as unknown as { kept: Record<string, string> }).kept["cmi.suspend_data"] ?? "",
      ),
    );
    const said = await page.evaluate(() => (window as unknown as { calls: string[] }).calls);
    expect(said[0]).toBe("init");
    expect(said).toContain("set cmi.core.lesson_status incomplete");
    expect(said.some((call) => /^set cmi\.suspend_data .*1\/through/.test(call))).toBe(true);
    expect(said.some((call) => /^set cmi\.core\.score\.raw [1-9]/.test(call))).toBe(true);
    await frame.getByRole("button", { name: "Next" }).click();
    await page.waitForFunction(
      () =>
        (window as unknown as { kept: Record<string, string> }).kept["cmi.core.lesson_location"] ===
        "2",
    );

    await page.reload();
    await frame.getByRole("heading", { name: lesson.steps[1]?.title ?? "" }).waitFor();
    await page.close();
  });
});
