import type { Process } from "../host/process.ts";
import { byLocale } from "./lib/locale.ts";
import { isMagic, patternRegex } from "./pattern.ts";

/** Pathname expansion (POSIX 2.6.6): names that match, sorted; empty when none does. */
export function glob(
  p: Process,
  pattern: string,
  options: { dotglob?: boolean; nocase?: boolean; globstar?: boolean } = {},
): string[] {
  const rooted = pattern.startsWith("/");
  const parts = pattern.split("/").filter((part, i, all) => part !== "" || i === all.length - 1);
  let found = [rooted ? "/" : ""];
  parts.forEach((part, i) => {
    const last = i === parts.length - 1;
    if (part === "") {
      found = found.filter((dir) => isDirectory(p, dir)).map((dir) => `${dir}/`.replace("//", "/"));
      return;
    }
    const next: string[] = [];
    for (const dir of found) {
      if (options.globstar && part === "**") {
        next.push(
          ...(last ? below(p, dir).slice(1) : below(p, dir).filter((d) => isDirectory(p, d))),
        );
        continue;
      }
      if (!isMagic(part)) {
        const path = join(dir, part.replace(/\\(.)/g, "$1"));
        if (p.machine.fs.tryStat(p.path(path), p, false)) next.push(path);
        continue;
      }
      const regex = patternRegex(part, "whole", false, options.nocase ? "i" : "");
      for (const name of names(p, dir)) {
        if (name.startsWith(".") && !part.startsWith(".") && !part.startsWith("\\."))
          if (!options.dotglob) continue;
        if (regex.test(name)) next.push(join(dir, name));
      }
    }
    found = next;
  });
  return found.sort(byLocale);
}

function join(dir: string, name: string): string {
  return dir === "" ? name : dir.endsWith("/") ? dir + name : `${dir}/${name}`;
}

function names(p: Process, dir: string): string[] {
  const path = p.path(dir === "" ? "." : dir);
  return p.machine.fs.isDirectory(path, p) ? p.machine.fs.readdir(path, p) : [];
}

function isDirectory(p: Process, dir: string): boolean {
  return dir === "" || p.machine.fs.isDirectory(p.path(dir), p);
}

/** `dir` and everything below it, without hidden names. */
function below(p: Process, dir: string): string[] {
  const out = [dir];
  for (const name of names(p, dir).sort(byLocale))
    if (!name.startsWith(".")) {
      const path = join(dir, name);
      if (isDirectory(p, path)) out.push(...below(p, path));
      else out.push(path);
    }
  return out;
}
