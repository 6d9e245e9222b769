import { SysError } from "../../../../base/errno.ts";
import { fromUtf8 } from "../../../../base/text.ts";
import type { Run } from "../../../../host/process.ts";
import { type Istioctl, IstioctlError, readFile } from "../context.ts";

export interface File {
  name: string;
  text: string;
}

const EXTENSIONS = [".json", ".yaml", ".yml"];

function isNamed(name: string): boolean {
  return EXTENSIONS.some((extension) => name.endsWith(extension));
}

function skipping(name: string): string {
  return `Skipping file ${name}, recognized file extensions are: [${EXTENSIONS.join(" ")}]\n`;
}

/** Files, folders with all that is below them, "-" (istio: istioctl/pkg/analyze, gatherFiles). */
export function* gather(ctx: Istioctl, plain: boolean): Run<File[]> {
  const { p } = ctx;
  const { fs } = p.machine;
  const files: File[] = [];
  function* visit(name: string): Run<void> {
    if (fs.isDirectory(p.path(name), p)) {
      for (const entry of fs.readdir(p.path(name), p).sort())
        yield* visit(`${name.replace(/^\.\/(?=.)|\/$/g, "")}/${entry}`.replace(/^\.\//, ""));
    } else if (isNamed(name)) files.push({ name, text: yield* readFile(ctx, name) });
    else yield* p.err(skipping(name));
  }
  for (const name of ctx.args) {
    if (name === "-") {
      if (plain && p.isTty(0)) yield* p.out("Reading from stdin:\n");
      files.push({ name, text: fromUtf8(yield* p.readAll(0)) });
      continue;
    }
    try {
      // Whether it is there: what cannot be opened is another matter.
      if (!fs.exists(p.path(name), p)) throw new SysError("ENOENT");
      yield* visit(name);
    } catch (error) {
      if (!(error instanceof SysError)) throw error;
      throw new IstioctlError(`stat ${name}: ${error.message.toLowerCase()}`);
    }
  }
  return files;
}
