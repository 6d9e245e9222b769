import type { Page } from "playwright";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CHROMIUM, Stage, serious, shows, type } from "./site.ts";

const stage = new Stage();

/** Wait until Monaco stands there and the text has been checked. */
async function opened(page: Page, state: string | RegExp = "No problems"): Promise<void> {
  await page.locator(".monaco-editor .view-line, .cm-editor .cm-line").first().waitFor();
  await page.locator(".status button", { hasText: state }).waitFor();
}

/** To the end of a line of the file, by its number. */
async function toLine(page: Page, line: number): Promise<void> {
  await page.keyboard.press("Control+Home");
  for (let i = 1; i < line; i++) await page.keyboard.press("ArrowDown");
  await page.keyboard.press("End");
}

const suggestions = (page: Page) => page.locator(".suggest-widget .monaco-list-row");
const button = (page: Page, name: string | RegExp) => page.getByRole("button", { name });
const squiggles = (page: Page) => page.locator(".monaco-editor .squiggly-error");

/** But for what the list of suggestions calls its rows: that is Monaco's. */
const wrong = async (page: Page): Promise<string[]> =>
  (await serious(page)).filter((line) => !line.includes("#list_id_"));

async function touch(query: string): Promise<Page> {
  const viewport = { width: 390, height: 844 };
  return stage.page(query, { viewport, hasTouch: true, isMobile: true });
}

describe.skipIf(!CHROMIUM)("the editor", { timeout: 120_000 }, () => {
  beforeAll(() => stage.open(), 180_000);
  afterAll(() => stage.close());

  it("edits rules: underlines, completes, explains, shows what changes, applies", async () => {
    const page = await stage.page("?world=linux");
    await shows(page, "root@linux");
    await type(page, "iptables -A INPUT -i lo -j ACCEPT; iptables-save > r.v4; edit r.v4");
    await opened(page);
    // Behind the rule that is there, line 6.
    await toLine(page, 6);
    await page.keyboard.press("Enter");
    await page.keyboard.type("-A INPUT -p tcp --dprt 15008 -j ");
    await suggestions(page).filter({ hasText: "REJECT" }).waitFor();
    await page.keyboard.type("RETU");
    await suggestions(page).filter({ hasText: "RETURN" }).waitFor();
    await page.keyboard.press("Tab");
    await button(page, "1 problem").click();
    await squiggles(page).waitFor();
    await page
      .getByRole("list", { name: "Problems" })
      .getByText('iptables-restore v1.8.9 (legacy): unknown option "--dprt"')
      .click();
    await page.getByText("Line 7, column 17").waitFor();
    for (const _ of "--dprt") await page.keyboard.press("Delete");
    await page.keyboard.type("--dport");
    await button(page, "No problems").waitFor();
    expect(await squiggles(page).count()).toBe(0);
    await page.locator(".view-line span span", { hasText: /^--dport$/ }).hover();
    await page.locator(".monaco-hover", { hasText: "destination port, or range" }).waitFor();
    expect(await wrong(page)).toEqual([]);
    // The first Escape is the hover's, not the editor's.
    await page.keyboard.press("Escape");
    await page.locator(".monaco-hover", { hasText: "port" }).waitFor({ state: "hidden" });
    await button(page, "Apply …").click();
    const added = "+-A INPUT -p tcp -m tcp --dport 15008 -j RETURN";
    await page.locator(".diff .added", { hasText: added }).waitFor();
    expect(await page.locator(".diff .removed").count()).toBe(0);
    expect(await wrong(page)).toEqual([]);
    await button(page, "Save and apply").click();
    await page.locator("dialog").first().waitFor({ state: "detached" });
    await shows(page, "iptables-restore < /root/r.v4");
    await page.keyboard.type("iptables-save | grep 15008\r");
    await shows(page, /-A INPUT -p tcp -m tcp --dport 15008 -j RETURN.*root@linux:~#/);
    await page.close();
  });

  it("edits Istio's YAML by the cluster's own schema, and applies it", async () => {
    const page = await stage.page("?world=ambient", { colorScheme: "light" });
    await shows(page, "root@curl");
    const text =
      "apiVersion: security.istio.io/v1\\nkind: AuthorizationPolicy\\nmetadata:\\n  name: a";
    await type(page, `printf '${text}\\nspec:\\n  actoin: DENY\\n' > p.yaml; edit p.yaml`);
    await opened(page, "1 problem");
    await squiggles(page).waitFor();
    await toLine(page, 6);
    await page.keyboard.press("Home");
    await page.keyboard.press("Shift+End");
    await page.keyboard.type("act");
    await suggestions(page).filter({ hasText: "action" }).waitFor();
    await page.keyboard.press("Enter");
    await page.keyboard.type("DENY");
    await button(page, "No problems").waitFor();
    await page.locator(".view-line span span", { hasText: "action" }).hover();
    await page.locator(".monaco-hover", { hasText: "FIELD: action <string>" }).waitFor();
    await button(page, "Apply …").click();
    const file = "+++ MERGED/security.istio.io.v1.AuthorizationPolicy.default.a";
    await page.locator(".diff", { hasText: file }).waitFor();
    await page.locator(".diff .added", { hasText: "+  action: DENY" }).waitFor();
    expect(await wrong(page)).toEqual([]);
    await button(page, "Save and apply").click();
    await shows(page, "authorizationpolicy.security.istio.io/a created");
    await page.close();
  });

  it("shows what kubectl edit would change, in kubectl's words", async () => {
    const page = await stage.page("?world=ambient-2022");
    await shows(page, "root@sleep");
    await type(page, "EDITOR=nano kubectl edit service productpage");
    await opened(page);
    expect(await button(page, "Apply …").count()).toBe(0);
    await page.keyboard.press("Control+f");
    await page.keyboard.type("clusterIP:");
    await page.keyboard.press("Enter");
    await page.keyboard.press("Escape");
    await page.keyboard.press("End");
    await page.keyboard.type("9");
    await button(page, /problem/)
      .filter({ hasNotText: "No" })
      .click();
    await page.getByText(/spec\.clusterIPs\[0\]: Invalid value/).waitFor();
    await button(page, "Changes").click();
    await page.locator(".diff .added").waitFor();
    await page.keyboard.press("Escape");
    await button(page, "Close").click();
    await button(page, "Discard them").click();
    await shows(page, "Edit cancelled, no changes made.");
    await page.close();
  });

  it("is a light one for fingers, with the same knowledge", async () => {
    const page = await touch("?world=linux");
    const loaded: string[] = [];
    page.on("request", (request) => loaded.push(request.url()));
    await shows(page, "root@linux");
    await type(page, "printf '*filter\\n-A INPUT -j ACCPT\\nCOMMIT\\n' > r.v4; edit r.v4");
    await opened(page, "1 problem");
    expect(loaded.filter((url) => url.includes("monaco"))).toEqual([]);
    await page.locator(".cm-lintRange-error", { hasText: "ACCPT" }).waitFor();
    await page
      .getByRole("list", { name: "Problems" })
      .getByText("Couldn't load target `ACCPT'")
      .tap();
    expect(await wrong(page)).toEqual([]);
    for (const _ of "ACCPT") await page.keyboard.press("Delete");
    await page.keyboard.type("D");
    await page.locator(".cm-tooltip-autocomplete li", { hasText: "DROP" }).tap();
    await button(page, "No problems").waitFor();
    await button(page, "Apply …").tap();
    await page.locator(".diff .added", { hasText: "+-A INPUT -j DROP" }).waitFor();
    await button(page, "Save and apply").tap();
    await shows(page, "iptables-restore < /root/r.v4");
    await page.close();
  });

  it("does without colours when neither can be had", async () => {
    const page = await stage.page("?world=linux");
    await page.route(/monaco/, (route) => route.abort());
    await shows(page, "root@linux");
    await type(page, "echo a > x.sh; edit x.sh");
    await page.getByText("The editor could not be loaded", { exact: false }).waitFor();
    await page.keyboard.press("Control+End");
    await page.keyboard.type("fi");
    await button(page, "1 problem").click();
    await page.getByText("syntax error near unexpected token `fi'", { exact: false }).waitFor();
    await page.keyboard.press("Control+s");
    await page.getByText("Saved", { exact: true }).waitFor();
    stage.complaints = stage.complaints.filter((words) => !words.includes("ERR_FAILED"));
    await page.close();
  });

  it("complains of nothing", () => {
    expect(stage.complaints).toEqual([]);
  });
});
