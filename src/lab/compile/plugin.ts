import { readdirSync, readFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import type { Plugin } from "vite";
import { CompileError } from "./problem.ts";
import { compileWorld } from "./world.ts";

const lessons = resolve(import.meta.dirname, "../../../lessons");
const PREFIX = "virtual:world/";

/** Names of the worlds in lessons/worlds. */
export function worldNames(dir = join(lessons, "worlds")): string[] {
  return readdirSync(dir)
    .filter((name) => name.endsWith(".yaml"))
    .map((name) => basename(name, ".yaml"))
    .sort();
}

/**
 * Worlds as modules, compiled: `import world from "virtual:world/NAME"`, and their list
 * `virtual:worlds`. No YAML parser reaches the page.
 */
export function content(): Plugin {
  return {
    name: "hopscope-content",
    resolveId: (id) => (id === "virtual:worlds" || id.startsWith(PREFIX) ? `\0${id}` : undefined),
    load(id) {
      if (id === "\0virtual:worlds") {
        const entries = worldNames().map((name) => {
          const spec = compileWorld(
            name,
            name,
            readFileSync(join(lessons, "worlds", `${name}.yaml`), "utf8"),
          );
          return `{ name: ${JSON.stringify(name)}, title: ${JSON.stringify(spec.title)}, summary: ${JSON.stringify(spec.summary)}, load: () => import(${JSON.stringify(PREFIX + name)}).then((m) => m.default) }`;
        });
        return `export default [${entries.join(",\n")}];`;
      }
      if (!id.startsWith(`\0${PREFIX}`)) return undefined;
      const name = id.slice(PREFIX.length + 1);
      const file = join(lessons, "worlds", `${name}.yaml`);
      this.addWatchFile(file);
      try {
        const spec = compileWorld(`lessons/worlds/${name}.yaml`, name, readFileSync(file, "utf8"));
        return `export default ${JSON.stringify(spec)};`;
      } catch (error) {
        if (error instanceof CompileError) this.error(error.message);
        throw error;
      }
    },
  };
}
