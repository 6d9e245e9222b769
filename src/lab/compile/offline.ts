import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Plugin } from "vite";

const template = resolve(import.meta.dirname, "../../ui/offline/sw.js");

/** Adds the service worker to the built page, with the list of everything that the page may ask for. */
export function offline(): Plugin {
  let publicDir = "";
  return {
    name: "hopscope-offline",
    apply: "build",
    configResolved(config) {
      publicDir = config.publicDir;
    },
    generateBundle: {
      order: "post",
      handler(_options, bundle) {
        const own = existsSync(publicDir)
          ? readdirSync(publicDir, { withFileTypes: true }).flatMap((one) =>
              one.isFile() ? [one.name] : [],
            )
          : [];
        // What other sites embed is not for this page to keep.
        const built = Object.keys(bundle).filter(
          (name) => name !== "index.html" && !/\.map$|^embed\//.test(name),
        );
        const files = ["./", ...[...built, ...own].sort().map((name) => `./${name}`)];
        // The page itself has no name that changes with it.
        const hash = createHash("sha256");
        for (const name of Object.keys(bundle).sort()) {
          const part = bundle[name];
          hash.update(name).update(part?.type === "asset" ? part.source : (part?.code ?? ""));
        }
        for (const name of own) hash.update(readFileSync(join(publicDir, name)));
        const source = readFileSync(template, "utf8")
          .replace("__FILES__", JSON.stringify(files))
          .replace("__VERSION__", hash.digest("hex").slice(0, 12));
        this.emitFile({ type: "asset", fileName: "sw.js", source });
      },
    },
  };
}
