import { SysError } from "../../base/errno.ts";
import type { Process, Run } from "../../host/process.ts";
import type { Command } from "../command.ts";
import { getopt, type Parsed } from "../lib/options.ts";
import { attempt, removeTree } from "./filemod.ts";

/** cp and mv: the same question of what goes where. */

function base(name: string): string {
  return name.replace(/\/+$/, "").replace(/.*\//, "");
}

/** Pairs of source and target; a text is what is wrong. */
function pairs(p: Process, tool: string, options: Parsed): [string, string][] | string {
  const words = options.operands.slice();
  const help = `Try '${tool} --help' for more information.\n`;
  const into = options.get("t");
  if (into !== null) return words.map((word) => [word, `${into}/${base(word)}`]);
  if (words.length === 0) return `${tool}: missing file operand\n${help}`;
  if (words.length === 1)
    return `${tool}: missing destination file operand after '${words[0]}'\n${help}`;
  const target = words.pop() as string;
  const directory = p.machine.fs.isDirectory(p.path(target), p) && !options.has("T");
  if (words.length > 1 && !directory) {
    const there = p.machine.fs.exists(p.path(target), p);
    return there || tool === "mv" || tool === "cp"
      ? `${tool}: target '${target}'${there ? "" : ""}: ${there ? "Not a directory" : "No such file or directory"}\n`
      : "";
  }
  return words.map((word) => [
    word,
    directory ? `${target.replace(/\/$/, "")}/${base(word)}` : target,
  ]);
}

function copyTree(p: Process, from: string, to: string, options: Parsed): void {
  const { fs } = p.machine;
  const keepLinks = options.has("a", "d", "P");
  const stat = keepLinks ? fs.lstat(from, p) : fs.stat(from, p);
  if (stat.kind === "directory") {
    if (!fs.exists(to, p)) fs.mkdir(to, stat.mode, p);
    for (const name of fs.readdir(from, p))
      copyTree(p, `${from}/${name}`, `${to}/${name}`, options);
    return;
  }
  if (stat.kind === "symlink") {
    if (fs.tryStat(to, p, false)) fs.unlink(to, p);
    fs.symlink(stat.target, to, p);
    return;
  }
  if (options.has("f") && !fs.exists(to, p) && fs.tryStat(to, p, false)) fs.unlink(to, p);
  fs.writeFile(to, fs.readFile(from, p), fs.exists(to, p) ? undefined : stat.mode, p);
  if (options.has("p", "a")) {
    fs.chmod(to, stat.mode, p);
    fs.touch(to, stat.mtime, p);
  }
}

function* each(
  p: Process,
  tool: string,
  options: Parsed,
  move: (from: string, to: string, source: string, target: string) => Run<boolean>,
): Run {
  const list = pairs(p, tool, options);
  if (typeof list === "string") {
    yield* p.err(list);
    return 1;
  }
  let status = 0;
  for (const [source, target] of list) {
    const from = p.path(source);
    const to = p.path(target);
    const stat = p.machine.fs.tryStat(from, p, false);
    if (!stat) {
      yield* p.err(`${tool}: cannot stat '${source}': No such file or directory\n`);
      status = 1;
      continue;
    }
    if (options.has("n") && p.machine.fs.exists(to, p)) continue;
    const old = p.machine.fs.tryStat(to, p, false);
    if (old && old.ino === stat.ino && old.ino > 1 && stat.kind !== "directory") {
      yield* p.err(`${tool}: '${source}' and '${target}' are the same file\n`);
      status = 1;
      continue;
    }
    if (!(yield* move(from, to, source, target))) status = 1;
    else if (options.has("v"))
      yield* p.out(`${tool === "mv" ? "renamed " : ""}'${source}' -> '${target}'\n`);
  }
  return status;
}

const cp: Command = {
  name: "cp",
  summary: "copy files and directories",
  group: "files",
  man: "cp [-rapfnv] SOURCE DEST      cp [OPTION]... SOURCE... DIRECTORY\n\n  -r directories, too   -a all as it is   -p keep mode and time   -n do not overwrite",
  *run(p, argv) {
    const options = getopt(argv, "arRpfnvidPTt:Lu", {
      archive: "a",
      recursive: "r",
      force: "f",
      "no-clobber": "n",
      verbose: "v",
      "target-directory=": "t",
      "preserve=?": "p",
    });
    if (options.error) {
      yield* p.err(options.error);
      return 1;
    }
    return yield* each(p, "cp", options, function* (from, to, source, target) {
      const { fs } = p.machine;
      if (fs.isDirectory(from, p) && !options.has("r", "R", "a")) {
        yield* p.err(`cp: -r not specified; omitting directory '${source}'\n`);
        return false;
      }
      if (fs.isDirectory(from, p) && `${to}/`.startsWith(`${from.replace(/\/$/, "")}/`)) {
        yield* p.err(`cp: cannot copy a directory, '${source}', into itself, '${target}'\n`);
        return false;
      }
      if (!fs.isDirectory(from, p) && fs.isDirectory(to, p)) {
        yield* p.err(`cp: cannot overwrite directory '${target}' with non-directory '${source}'\n`);
        return false;
      }
      return yield* attempt(p, `cp: cannot create regular file '${target}'`, () =>
        copyTree(p, from, to, options),
      );
    });
  },
};

const mv: Command = {
  name: "mv",
  summary: "move (rename) files",
  group: "files",
  man: "mv [-fnv] SOURCE DEST      mv [OPTION]... SOURCE... DIRECTORY\n\n  -n do not overwrite   -v say what is done",
  *run(p, argv) {
    const options = getopt(argv, "fnviTt:u", {
      force: "f",
      "no-clobber": "n",
      verbose: "v",
      "target-directory=": "t",
    });
    if (options.error) {
      yield* p.err(options.error);
      return 1;
    }
    return yield* each(p, "mv", options, function* (from, to, source, target) {
      const { fs } = p.machine;
      try {
        fs.rename(from.replace(/(.)\/+$/, "$1"), to, p);
        return true;
      } catch (error) {
        if (!(error instanceof SysError)) throw error;
        if (error.code === "EXDEV" || error.code === "EROFS") {
          const ok = yield* attempt(p, `mv: cannot move '${source}' to '${target}'`, () => {
            copyTree(p, from, to, options);
            removeTree(p, from);
          });
          return ok;
        }
        yield* p.err(
          error.code === "EINVAL"
            ? `mv: cannot move '${source}' to a subdirectory of itself, '${target}'\n`
            : error.code === "EISDIR"
              ? `mv: cannot overwrite directory '${target}' with non-directory '${source}'\n`
              : `mv: cannot move '${source}' to '${target}': ${error.message}\n`,
        );
        return false;
      }
    });
  },
};

export const copying: readonly Command[] = [cp, mv];
