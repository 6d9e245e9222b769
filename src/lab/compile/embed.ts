import { readFileSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { build, type Plugin } from "vite";

const root = resolve(import.meta.dirname, "../../..");
const room = join(root, "src/embed");
const recipes = join(root, "public/embed/recipes");
const FRAME = "embed/v1/index.html";

/** The element by itself: no chunk is shared with anything, and its name has no hash. */
async function element(): Promise<string> {
  const built = await build({
    configFile: false,
    root,
    logLevel: "error",
    publicDir: false,
    build: {
      write: false,
      target: "es2022",
      minify: "oxc",
      lib: { entry: join(room, "element.ts"), formats: ["es"], fileName: "embed" },
    },
  });
  const [first] = Array.isArray(built) ? built : [built];
  const chunk = first && "output" in first ? first.output[0] : undefined;
  if (!chunk) throw new Error("the element does not build");
  return chunk.code;
}

/** The types of what host pages import: a declaration for each of the room's two files. */
async function declarations(): Promise<Map<string, string>> {
  const { default: ts } = await import("typescript");
  const made = new Map<string, string>();
  for (const [source, name] of [
    ["element.ts", "embed.d.ts"],
    ["protocol.ts", "protocol.d.ts"],
  ] as const) {
    const { outputText } = ts.transpileDeclaration(readFileSync(join(room, source), "utf8"), {
      fileName: source,
      compilerOptions: {
        target: ts.ScriptTarget.ES2022,
        module: ts.ModuleKind.ESNext,
        isolatedDeclarations: true,
        declaration: true,
        allowImportingTsExtensions: true,
      },
    });
    made.set(name, outputText.replaceAll("./protocol.ts", "./protocol.js"));
  }
  return made;
}

/** Posters need the whole engine: bundled, it is there in a third of the time that single modules take. */
async function draw(whats: string[]): Promise<string[]> {
  const outDir = join(root, `dist/poster-${process.pid}`);
  const ssr = join(root, "src/lab/poster.ts");
  const rollupOptions = { output: { entryFileNames: "poster.js" } };
  try {
    await build({
      configFile: false,
      root,
      logLevel: "error",
      publicDir: false,
      build: { ssr, outDir, target: "node20", rollupOptions },
    });
    const { href } = pathToFileURL(join(outDir, "poster.js"));
    const { postersOf }: typeof import("../poster.ts") = await import(href);
    return postersOf(join(root, "lessons"), whats);
  } finally {
    rmSync(outDir, { recursive: true, force: true });
  }
}

function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/**
 * The embed folder of the site: `/embed/v1/` with the element, its types and the frame's page, the same
 * under the version of the package, and the gallery with its recipes and posters written in.
 */
export function embed(): Plugin {
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  let serving = false;
  /** Posters that pages name. */
  const posters = new Set<string>();
  return {
    name: "hopscope-embed",
    configResolved: (config) => {
      serving = config.command === "serve";
    },
    transformIndexHtml: {
      order: "pre",
      handler: (html) =>
        html
          .replace(/%poster ([\w-]+)#(\d+)%/g, (_, slug, step) => {
            posters.add(`${slug}#${step}`);
            return `./posters/${slug}-${step}.svg`;
          })
          .replace(/%recipe ([\w./-]+)%/g, (_, name) =>
            escapeHtml(readFileSync(join(recipes, name), "utf8").trimEnd()),
          )
          .replaceAll("%version%", version),
    },
    /** While developing, element and posters are made when they are asked for. */
    configureServer: (server) => {
      server.middlewares.use("/embed/posters/", (request, response) => {
        const what = (request.url ?? "").slice(1).replace(/-(\d+)\.svg$/, "#$1");
        draw([what]).then(
          ([text]) => response.setHeader("content-type", "image/svg+xml").end(text),
          (error) => response.writeHead(404).end(String(error)),
        );
      });
      server.middlewares.use("/embed/v1/embed.js", (_, response) => {
        element().then(
          (code) => response.setHeader("content-type", "text/javascript").end(code),
          (error) => response.writeHead(500).end(String(error)),
        );
      });
    },
    generateBundle: {
      order: "post",
      async handler(_, bundle) {
        if (serving || !bundle[FRAME]) return;
        const page = bundle[FRAME];
        const files = new Map<string, string>([
          ["embed.js", await element()],
          ["trouble.js", readFileSync(join(room, "v1/trouble.js"), "utf8")],
          ["embed.css", readFileSync(join(room, "v1/embed.css"), "utf8")],
          ...(await declarations()),
        ]);
        for (const [name, source] of files)
          for (const place of ["v1", `v${version}`])
            this.emitFile({ type: "asset", fileName: `embed/${place}/${name}`, source });
        const drawn = await draw([...posters]);
        for (const [i, what] of [...posters].entries())
          this.emitFile({
            type: "asset",
            fileName: `embed/posters/${what.replace("#", "-")}.svg`,
            source: drawn[i] ?? "",
          });
        if (page.type === "asset")
          this.emitFile({
            type: "asset",
            fileName: `embed/v${version}/index.html`,
            source: page.source,
          });
      },
    },
  };
}
