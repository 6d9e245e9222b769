import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { transformWithOxc } from "vite";
import { afterAll, describe, expect, it } from "vitest";

/*
 * Each recipe of the gallery in a minimal site of its tool: what comes out must be the markup that the
 * element's manual promises.
 */
const recipes = resolve(import.meta.dirname, "../public/embed/recipes");
/** Astro has a tree of packages of its own, `npm ci --prefix test/astro`. */
const astro = join(import.meta.dirname, "astro/node_modules/astro/astro.js");
if (!existsSync(astro))
  console.warn("The recipe for Astro is not tried: npm ci --prefix test/astro has not been run.");
const BASE = "https://docs.example/hopscope";
const ALT = "A SYN goes into the tunnel.";
const work = mkdtempSync(join(tmpdir(), "hopscope-recipes-"));

function installed(program: string): boolean {
  const found = spawnSync(program, [program === "hugo" ? "version" : "--version"]).status === 0;
  if (!found) console.warn(`The recipe for ${program} is not tried: ${program} is not installed.`);
  return found;
}

/** A site's files, written down; its folder. */
function siteOf(name: string, files: Record<string, string>): string {
  const place = resolve(work, name);
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(place, file)), { recursive: true });
    writeFileSync(join(place, file), text);
  }
  return place;
}

function build(place: string, program: string, args: string[]): void {
  const env = { ...process.env, ASTRO_TELEMETRY_DISABLED: "1", NODE_ENV: "production", VITEST: "" };
  const { status, stdout, stderr } = spawnSync(program, args, {
    cwd: place,
    encoding: "utf8",
    env,
  });
  if (status !== 0) throw new Error(`${program}: ${stdout}\n${stderr}`);
}

/** What a page promises: the element with its attributes, the commands as text, the picture, a way on. */
function check(html: string): void {
  const element = /<hop-scope([^>]*)>([\s\S]*?)<\/hop-scope>/.exec(html);
  const attributes = Object.fromEntries(
    [...(element?.[1] ?? "").matchAll(/([a-z]+)="([^"]*)"/g)].map(([, name, value]) => [
      name,
      value,
    ]),
  );
  expect(attributes).toEqual({ lesson: "ambient-outbound", step: "2", view: "terminal journey" });
  const inner = element?.[2] ?? "";
  const text = inner
    .replace(/<[^>]+>/g, "")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&");
  expect(text).toContain("curl -s productpage:9080/ > /dev/null && ip rule");
  expect(text).toContain("ip route get 10.8.14.226 mark 0x100");
  expect(inner).toMatch(/<pre/);
  expect(inner).toMatch(new RegExp(`<img[^>]*alt="${ALT}"[^>]*>`));
  expect(inner).toMatch(/<img[^>]*src="[^"]*ambient-outbound-2\.svg"/);
  expect(inner).toMatch(
    /<a[^>]*href="https:\/\/docs\.example\/hopscope\/\?lesson=ambient-outbound"/,
  );
  expect(inner).not.toMatch(/<script|style=/);
  const scripts = [...html.matchAll(/<script[^>]*embed\/v1\/embed\.js[^>]*>/g)];
  expect(scripts.map(([tag]) => tag)).toHaveLength(1);
  expect(scripts[0]?.[0]).toMatch(/type="module"/);
  expect(scripts[0]?.[0]).toContain(`${BASE}/embed/v1/embed.js`);
}

const COMMANDS =
  "curl -s productpage:9080/ > /dev/null && ip rule\nip route get 10.8.14.226 mark 0x100";

describe("recipes", { timeout: 120_000 }, () => {
  afterAll(() => rmSync(work, { recursive: true, force: true }));

  it("plain HTML is what the others print", () => {
    const page = readFileSync(join(recipes, "html/page.html"), "utf8");
    check(
      page
        .replaceAll("https://your.host/hopscope", BASE)
        .replace(/<code>[\s\S]*?<\/code>/, `<code>${COMMANDS.replaceAll("&", "&amp;")}</code>`)
        .replace(/alt="[^"]*"/, `alt="${ALT}"`)
        .replace(' height="420"', ""),
    );
  });

  it.skipIf(!installed("hugo"))("Hugo's shortcode", () => {
    const place = siteOf("hugo", {
      "config.toml": `baseURL = "https://docs.example/"\ntitle = "docs"\n[params]\nhopscope = "${BASE}/"\n`,
      "layouts/_default/single.html": "<html><body>{{ .Content }}</body></html>",
      "content/page.md": `---\ntitle: Page\n---\nText.\n\n{{< hop-scope lesson="ambient-outbound" step="2" view="terminal journey" poster="/posters/ambient-outbound-2.svg" alt="${ALT}" >}}\n${COMMANDS}\n{{< /hop-scope >}}\n\nMore.\n`,
    });
    mkdirSync(join(place, "layouts/shortcodes"));
    cpSync(join(recipes, "hugo/hop-scope.html"), join(place, "layouts/shortcodes/hop-scope.html"));
    build(place, "hugo", ["--quiet"]);
    check(readFileSync(join(place, "public/page/index.html"), "utf8"));
  });

  it.skipIf(!installed("mkdocs"))("MkDocs' hook", () => {
    const place = siteOf("mkdocs", {
      "mkdocs.yml":
        `site_name: docs\ntheme: null\nhooks: [hopscope.py]\nextra: {hopscope: "${BASE}"}\n`.replace(
          "theme: null",
          "theme: {name: null, custom_dir: theme}",
        ),
      "theme/main.html": "<html><body>{{ page.content }}</body></html>",
      "docs/index.md": `# Page\n\n\`\`\`hop-scope lesson="ambient-outbound" step="2" view="terminal journey" poster="posters/ambient-outbound-2.svg" alt="${ALT}"\n${COMMANDS}\n\`\`\`\n\nMore.\n`,
      "docs/posters/ambient-outbound-2.svg": "<svg xmlns='http://www.w3.org/2000/svg'/>",
    });
    cpSync(join(recipes, "mkdocs/hopscope.py"), join(place, "hopscope.py"));
    build(place, "mkdocs", ["build", "--quiet"]);
    check(readFileSync(join(place, "site/index.html"), "utf8"));
  });

  it.skipIf(!installed("sphinx-build"))("Sphinx' directive, in HTML and in text", () => {
    const indented = COMMANDS.replaceAll("\n", "\n   ");
    const place = siteOf("sphinx", {
      "conf.py": `import sys\nsys.path.insert(0, ".")\nextensions = ["hopscope"]\nhopscope_base = "${BASE}"\nhtml_theme = "basic"\n`,
      "index.rst": `Page\n====\n\n.. hop-scope::\n   :lesson: ambient-outbound\n   :step: 2\n   :view: terminal journey\n   :poster: ambient-outbound-2.svg\n   :alt: ${ALT}\n\n   ${indented}\n\nMore.\n`,
      "ambient-outbound-2.svg": "<svg xmlns='http://www.w3.org/2000/svg' width='1' height='1'/>",
    });
    cpSync(join(recipes, "sphinx/hopscope.py"), join(place, "hopscope.py"));
    build(place, "sphinx-build", ["-q", "-W", "-b", "html", ".", "out"]);
    check(readFileSync(join(place, "out/index.html"), "utf8"));
    build(place, "sphinx-build", ["-q", "-b", "text", ".", "text"]);
    const text = readFileSync(join(place, "text/index.txt"), "utf8");
    expect(text).toContain("ip route get 10.8.14.226 mark 0x100");
    expect(text).not.toContain("hop-scope");
  });

  it("Docusaurus' component, drawn without React", async () => {
    const source = readFileSync(join(recipes, "docusaurus/HopScope.jsx"), "utf8");
    const options = { jsx: { runtime: "classic" as const } };
    const { code } = await transformWithOxc(source, "HopScope.jsx", options);
    type Props = Record<string, unknown>;
    type Part = string | ((props: Props) => string);
    const escaped = (text: string): string =>
      text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
    // As React's server renderer: text is escaped, elements are not.
    const made = new Set<string>();
    const createElement = (part: Part, props: Props | null, ...children: unknown[]): string => {
      if (typeof part !== "string") return part({ ...props, children });
      const words = Object.entries(props ?? {}).map(([name, value]) =>
        value === true ? ` ${name}` : ` ${name}="${escaped(String(value))}"`,
      );
      const inner = children
        .flat()
        .filter((child) => child !== undefined && child !== null && child !== false && child !== "")
        .map((child) => (made.has(String(child)) ? String(child) : escaped(String(child))));
      const html = part ? `<${part}${words.join("")}>${inner.join("")}</${part}>` : inner.join("");
      made.add(html);
      return html;
    };
    const React = { createElement, Fragment: "" };
    const body = code
      .replace(/import React from ["']react["'];?/, "")
      .replace("export default", "return");
    const HopScope = new Function("React", body)(React) as (props: Props) => string;
    check(
      HopScope({
        base: BASE,
        lesson: "ambient-outbound",
        step: "2",
        view: "terminal journey",
        commands: COMMANDS,
        poster: "/posters/ambient-outbound-2.svg",
        alt: ALT,
      }),
    );
  });

  it.skipIf(!existsSync(astro))("Astro's component, in a site of its own", () => {
    // Where its packages are found.
    const place = join(import.meta.dirname, `astro/site-${process.pid}`);
    try {
      siteOf(place, {
        "src/pages/index.astro": `---\nimport HopScope from "../components/HopScope.astro";\nconst commands = ${JSON.stringify(COMMANDS)};\n---\n<html><body><HopScope base="${BASE}" lesson="ambient-outbound" step="2" view="terminal journey" commands={commands} poster="/posters/ambient-outbound-2.svg" alt="${ALT}" /></body></html>`,
        "astro.config.mjs": "export default {};\n",
        "package.json": '{ "type": "module" }\n',
      });
      mkdirSync(join(place, "src/components"));
      cpSync(join(recipes, "astro/HopScope.astro"), join(place, "src/components/HopScope.astro"));
      build(place, process.execPath, [astro, "build"]);
      check(readFileSync(join(place, "dist/index.html"), "utf8"));
    } finally {
      rmSync(place, { recursive: true, force: true });
    }
  });
});
