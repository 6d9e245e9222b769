import { SysError } from "../../base/errno.ts";
import type { Run } from "../../host/process.ts";
import type { Shell } from "../shell.ts";
import type { Builtin } from "./builtin.ts";

/** `.` and `..` taken out of a path by its text, as `cd` does without -P (POSIX cd, step 8). */
function logical(path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/"))
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  return `/${parts.join("/")}`;
}

function* change(sh: Shell, who: string, shown: string, target: string, physical = false): Run {
  const { fs } = sh.p.machine;
  try {
    const path = physical ? fs.realpath(sh.p.path(target), sh.p) : logical(sh.p.path(target));
    if (target === "") return 0;
    if (fs.stat(path, sh.p).kind !== "directory") throw new SysError("ENOTDIR");
    sh.set("OLDPWD", sh.p.cwd);
    sh.p.cwd = path;
    sh.set("PWD", path);
    return 0;
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
    yield* sh.complain(`${who}: ${shown}: ${error.message}`);
    return 1;
  }
}

const cd: Builtin = function* (sh, argv) {
  let physical = false;
  const args = argv.slice(1).filter((word) => {
    if (word === "-P") physical = true;
    return word !== "-P" && word !== "-L" && word !== "--" && word !== "-e";
  });
  const bad = args.find((word) => /^-./.test(word));
  if (bad) {
    yield* sh.complain(`cd: -${bad[1]}: invalid option`);
    yield* sh.p.err("cd: usage: cd [-L|[-P [-e]] [-@]] [dir]\n");
    return 2;
  }
  if (args.length > 1) {
    yield* sh.complain("cd: too many arguments");
    return 1;
  }
  const [word] = args;
  if (word === undefined) {
    const home = sh.get("HOME");
    if (home === null) {
      yield* sh.complain("cd: HOME not set");
      return 1;
    }
    return yield* change(sh, "cd", home, home);
  }
  if (word === "-") {
    const old = sh.get("OLDPWD");
    if (old === null) {
      yield* sh.complain("cd: OLDPWD not set");
      return 1;
    }
    const status = yield* change(sh, "cd", old, old);
    if (status === 0) yield* sh.p.out(`${sh.p.cwd}\n`);
    return status;
  }
  const paths = sh.get("CDPATH");
  if (paths && !/^\.{0,2}\//.test(word))
    for (const dir of paths.split(":"))
      if (dir && sh.p.machine.fs.isDirectory(sh.p.path(`${dir}/${word}`), sh.p)) {
        const status = yield* change(sh, "cd", word, `${dir}/${word}`);
        if (status === 0) yield* sh.p.out(`${sh.p.cwd}\n`);
        return status;
      }
  return yield* change(sh, "cd", word, word, physical);
};

const pwd: Builtin = function* (sh, argv) {
  const physical = argv.includes("-P");
  yield* sh.p.out(`${physical ? sh.p.machine.fs.realpath(sh.p.cwd, sh.p) : sh.p.cwd}\n`);
  return 0;
};

function shownStack(sh: Shell): string {
  const home = sh.get("HOME") ?? "";
  const short = (dir: string) =>
    home && (dir === home || dir.startsWith(`${home}/`)) ? `~${dir.slice(home.length)}` : dir;
  return `${[sh.p.cwd, ...sh.directories].map(short).join(" ")}\n`;
}

const pushd: Builtin = function* (sh, argv) {
  const target = argv[1] ?? sh.directories.shift();
  if (target === undefined) {
    yield* sh.complain("pushd: no other directory");
    return 1;
  }
  const { cwd } = sh.p;
  const status = yield* change(sh, "pushd", target, target);
  if (status) return status;
  sh.directories.unshift(cwd);
  yield* sh.p.out(shownStack(sh));
  return 0;
};

const popd: Builtin = function* (sh) {
  const target = sh.directories.shift();
  if (target === undefined) {
    yield* sh.complain("popd: directory stack empty");
    return 1;
  }
  const status = yield* change(sh, "popd", target, target);
  if (status === 0) yield* sh.p.out(shownStack(sh));
  return status;
};

const dirs: Builtin = function* (sh, argv) {
  if (argv[1] === "-c") sh.directories = [];
  else yield* sh.p.out(shownStack(sh));
  return 0;
};

export const directory: Record<string, Builtin> = { cd, pwd, pushd, popd, dirs };
