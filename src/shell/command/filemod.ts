import { SysError } from "../../base/errno.ts";
import type { Process, Run } from "../../host/process.ts";
import type { Command } from "../command.ts";
import { getopt } from "../lib/options.ts";
import { groupName, userName } from "./identity.ts";

/** Make, remove and change names: mkdir, rmdir, rm, ln, touch, chmod, chown. */

export const q = (name: string) => `‘${name}’`;

/** Run `action`; its error as a sentence on standard error. */
export function* attempt(p: Process, what: string, action: () => void): Run<boolean> {
  try {
    action();
    return true;
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
    yield* p.err(`${what}: ${error.message}\n`);
    return false;
  }
}

function* missing(p: Process, tool: string): Run {
  yield* p.err(`${tool}: missing operand\nTry '${tool} --help' for more information.\n`);
  return 1;
}

const mkdir: Command = {
  name: "mkdir",
  summary: "make directories",
  group: "files",
  man: "mkdir [-p] [-m MODE] [-v] DIRECTORY...\n\n  -p   parents, too, and no error when it is there",
  *run(p, argv) {
    const options = getopt(argv, "pm:v", { parents: "p", "mode=": "m", verbose: "v" });
    if (options.error) {
      yield* p.err(options.error);
      return 1;
    }
    if (options.operands.length === 0) return yield* missing(p, "mkdir");
    const word = options.get("m");
    const mode = word !== null ? changedMode(0o777, word, true, p.umask) : 0o777 & ~p.umask;
    if (mode === null) {
      yield* p.err(`mkdir: invalid mode ${q(word ?? "")}\n`);
      return 1;
    }
    let status = 0;
    for (const name of options.operands) {
      const ok = yield* attempt(p, `mkdir: cannot create directory ${q(name)}`, () => {
        if (options.has("p")) p.machine.fs.mkdirp(p.path(name), mode, p);
        else p.machine.fs.mkdir(p.path(name), mode, p);
      });
      if (!ok) status = 1;
      else if (options.has("v")) yield* p.out(`mkdir: created directory '${name}'\n`);
    }
    return status;
  },
};

const rmdir: Command = {
  name: "rmdir",
  summary: "remove empty directories",
  group: "files",
  man: "rmdir [-p] DIRECTORY...\n\nRemove directories that are empty.",
  *run(p, argv) {
    const options = getopt(argv, "pv", { parents: "p", "ignore-fail-on-non-empty": "ignore" });
    if (options.error) {
      yield* p.err(options.error);
      return 1;
    }
    if (options.operands.length === 0) return yield* missing(p, "rmdir");
    let status = 0;
    for (const name of options.operands) {
      let path = name.replace(/\/+$/, "");
      for (;;) {
        const target = path;
        if (
          !(yield* attempt(p, `rmdir: failed to remove '${target}'`, () =>
            p.machine.fs.rmdir(p.path(target), p),
          ))
        ) {
          status = 1;
          break;
        }
        if (!options.has("p") || !path.includes("/")) break;
        path = path.slice(0, path.lastIndexOf("/"));
        if (path === "") break;
      }
    }
    return status;
  },
};

export function removeTree(p: Process, path: string): void {
  const { fs } = p.machine;
  if (fs.lstat(path, p).kind !== "directory") {
    fs.unlink(path, p);
    return;
  }
  for (const name of fs.readdir(path, p)) removeTree(p, `${path}/${name}`);
  fs.rmdir(path, p);
}

const rm: Command = {
  name: "rm",
  summary: "remove files or directories",
  group: "files",
  man: "rm [-rfdv] FILE...\n\n  -r   directories and what is in them   -f   no error when it is not there\n  -d   empty directories                 -v   say what is removed",
  *run(p, argv) {
    const options = getopt(argv, "rRfidvI", {
      recursive: "r",
      force: "f",
      dir: "d",
      verbose: "v",
      interactive: "i",
      "no-preserve-root": "no-root",
    });
    if (options.error) {
      yield* p.err(options.error);
      return 1;
    }
    if (options.operands.length === 0) return options.has("f") ? 0 : yield* missing(p, "rm");
    const { fs } = p.machine;
    let status = 0;
    for (const name of options.operands) {
      const path = p.path(name || "/nonexistent/");
      const stat = fs.tryStat(path.replace(/(.)\/+$/, "$1"), p, false);
      if (!stat) {
        if (options.has("f")) continue;
        yield* p.err(`rm: cannot remove '${name}': No such file or directory\n`);
        status = 1;
        continue;
      }
      const recursive = options.has("r", "R");
      if (stat.kind === "directory" && !recursive && !options.has("d")) {
        yield* p.err(`rm: cannot remove '${name}': Is a directory\n`);
        status = 1;
        continue;
      }
      if (recursive && fs.realpath(path, p) === "/" && !options.has("no-root")) {
        yield* p.err(
          "rm: it is dangerous to operate recursively on '/'\nrm: use --no-preserve-root to override this failsafe\n",
        );
        status = 1;
        continue;
      }
      if (recursive && /(^|\/)\.{1,2}\/*$/.test(name)) {
        yield* p.err(`rm: refusing to remove '.' or '..' directory: skipping '${name}'\n`);
        status = 1;
        continue;
      }
      const ok = yield* attempt(p, `rm: cannot remove '${name}'`, () => {
        if (recursive) removeTree(p, path.replace(/(.)\/+$/, "$1"));
        else if (stat.kind === "directory") fs.rmdir(path, p);
        else fs.unlink(path, p);
      });
      if (!ok) status = 1;
      else if (options.has("v"))
        yield* p.out(`removed ${stat.kind === "directory" ? "directory " : ""}'${name}'\n`);
    }
    return status;
  },
};

const ln: Command = {
  name: "ln",
  summary: "make links between files",
  group: "files",
  man: "ln [-sfnv] TARGET NAME      ln [-sf] TARGET... DIRECTORY\n\n  -s   symbolic   -f   replace what is there   -n   do not follow NAME",
  *run(p, argv) {
    const options = getopt(argv, "sfnvrT", {
      symbolic: "s",
      force: "f",
      "no-dereference": "n",
      "no-target-directory": "T",
      verbose: "v",
    });
    if (options.error) {
      yield* p.err(options.error);
      return 1;
    }
    const { fs } = p.machine;
    const words = options.operands;
    if (words.length === 0) {
      yield* p.err("ln: missing file operand\nTry 'ln --help' for more information.\n");
      return 1;
    }
    const last = words[words.length - 1] as string;
    const isDirectory =
      words.length > 1 &&
      fs.isDirectory(p.path(last), p) &&
      !(options.has("n") && fs.lstat(p.path(last), p).kind === "symlink");
    const targets = words.length === 1 ? words : words.slice(0, -1);
    let status = 0;
    for (const target of targets) {
      const base = target.replace(/\/+$/, "").replace(/.*\//, "");
      const name =
        words.length === 1 ? base : isDirectory ? `${last.replace(/\/$/, "")}/${base}` : last;
      const path = p.path(name);
      if (options.has("f") && fs.tryStat(path, p, false)) fs.unlink(path, p);
      const kind = options.has("s") ? "symbolic " : "hard ";
      if (!options.has("s") && !fs.tryStat(p.path(target), p, false)) {
        yield* p.err(`ln: failed to access '${target}': No such file or directory\n`);
        status = 1;
        continue;
      }
      const tail = options.has("s") ? "" : ` => '${target}'`;
      const ok = yield* attempt(p, `ln: failed to create ${kind}link '${name}'${tail}`, () => {
        if (options.has("s")) fs.symlink(target, path, p);
        else fs.link(p.path(target), path, p);
      });
      if (!ok) status = 1;
    }
    return status;
  },
};

const touch: Command = {
  name: "touch",
  summary: "change file timestamps",
  group: "files",
  man: "touch [-c] [-d TIME] FILE...\n\nSet the time of change to now; make the file when it is not there (not with -c).",
  *run(p, argv) {
    const options = getopt(argv, "acmd:r:t:h", {
      "no-create": "c",
      "date=": "d",
      "reference=": "r",
    });
    if (options.error) {
      yield* p.err(options.error);
      return 1;
    }
    if (options.operands.length === 0) {
      yield* p.err("touch: missing file operand\nTry 'touch --help' for more information.\n");
      return 1;
    }
    let time = p.sim.now;
    const date = options.get("d");
    if (date !== null) {
      const ms = /^@/.test(date)
        ? Number(date.slice(1)) * 1000
        : Date.parse(`${date}${/\d{2}:\d{2}/.test(date) ? "Z" : ""}`);
      if (Number.isNaN(ms)) {
        yield* p.err(`touch: invalid date format ${q(date)}\n`);
        return 1;
      }
      time = (ms - p.sim.epoch) * 1e6;
    }
    const reference = options.get("r");
    if (reference !== null) time = p.machine.fs.stat(p.path(reference), p).mtime;
    let status = 0;
    for (const name of options.operands) {
      if (options.has("c") && !p.machine.fs.exists(p.path(name), p)) continue;
      if (
        !(yield* attempt(p, `touch: cannot touch '${name}'`, () =>
          p.machine.fs.touch(p.path(name), time, p),
        ))
      )
        status = 1;
    }
    return status;
  },
};

const WHO: Record<string, number> = { u: 0o700, g: 0o070, o: 0o007, a: 0o777 };
const WHAT: Record<string, number> = { r: 0o444, w: 0o222, x: 0o111 };

/** The mode after `755` or `u+x,go-w`; null when it makes no sense. */
export function changedMode(
  mode: number,
  spec: string,
  directory: boolean,
  umask: number,
): number | null {
  if (/^[0-7]{1,4}$/.test(spec)) return Number.parseInt(spec, 8);
  let next = mode;
  for (const part of spec.split(",")) {
    const match = /^([ugoa]*)((?:[-+=][rwxXst]*|[-+=][ugo])+)$/.exec(part);
    if (!match) return null;
    const who = match[1] as string;
    const mask =
      who === "" ? 0o777 & ~umask : [...who].reduce((sum, c) => sum | (WHO[c] as number), 0);
    for (const [, operator, letters = ""] of (match[2] as string).matchAll(
      /([-+=])([rwxXstugo]*)/g,
    )) {
      let bits = 0;
      for (const c of letters) {
        if (c === "X") bits |= directory || next & 0o111 ? 0o111 : 0;
        else if (c === "t") bits |= 0o1000;
        else if (c === "s") bits |= 0o6000;
        else if (WHAT[c]) bits |= WHAT[c] as number;
        else {
          const from = (next >> { u: 6, g: 3, o: 0 }[c as "u"]) & 7;
          bits |= from * 0o111;
        }
      }
      const special = bits & 0o7000;
      bits = (bits & mask) | special;
      if (operator === "+") next |= bits;
      else if (operator === "-") next &= ~bits;
      else next = (next & ~(mask & 0o777)) | bits;
    }
  }
  return next;
}

const chmod: Command = {
  name: "chmod",
  summary: "change file mode bits",
  group: "files",
  man: "chmod [-R] MODE FILE...\n\nMODE is octal (755) or like u+x,go-w.",
  *run(p, argv) {
    // A mode such as -x looks like an option.
    const words = argv.slice(1).map((word) => (/^-[rwxXst]+$/.test(word) ? `a${word}` : word));
    const options = getopt(["chmod", ...words], "Rvcf", {
      recursive: "R",
      verbose: "v",
      "reference=": "ref",
    });
    if (options.error) {
      yield* p.err(options.error);
      return 1;
    }
    const [mode, ...files] = options.operands;
    if (mode === undefined) return yield* missing(p, "chmod");
    if (files.length === 0) {
      yield* p.err(
        `chmod: missing operand after ${q(mode)}\nTry 'chmod --help' for more information.\n`,
      );
      return 1;
    }
    if (changedMode(0, mode, false, p.umask) === null) {
      yield* p.err(`chmod: invalid mode: ${q(mode)}\nTry 'chmod --help' for more information.\n`);
      return 1;
    }
    const { fs } = p.machine;
    const apply = (path: string): void => {
      const stat = fs.stat(path, p);
      fs.chmod(
        path,
        changedMode(stat.mode, mode, stat.kind === "directory", p.umask) ?? stat.mode,
        p,
      );
      if (options.has("R") && stat.kind === "directory")
        for (const name of fs.readdir(path, p)) apply(`${path}/${name}`);
    };
    let status = 0;
    for (const name of files)
      if (!(yield* attempt(p, `chmod: cannot access '${name}'`, () => apply(p.path(name)))))
        status = 1;
    return status;
  },
};

const chown: Command = {
  name: "chown",
  aliases: ["chgrp"],
  summary: "change file owner and group",
  group: "files",
  man: "chown [-R] OWNER[:GROUP] FILE...",
  *run(p, argv) {
    const tool = argv[0] === "chgrp" ? "chgrp" : "chown";
    const options = getopt(argv, "Rvcfh", { recursive: "R" });
    if (options.error) {
      yield* p.err(options.error);
      return 1;
    }
    const [owner, ...files] = options.operands;
    if (owner === undefined || files.length === 0) return yield* missing(p, tool);
    const [user = "", group = ""] = tool === "chgrp" ? ["", owner] : owner.split(":");
    const find = (name: string, show: (p: Process, id: number) => string): number => {
      if (name === "") return -1;
      if (/^\d+$/.test(name)) return Number(name);
      for (const id of [0, 1, 33, 1337, 65534]) if (show(p, id) === name) return id;
      return -2;
    };
    const uid = find(user, userName);
    const gid = find(group, groupName);
    if (uid === -2 || gid === -2) {
      yield* p.err(`${tool}: invalid ${uid === -2 ? "user" : "group"}: ${q(owner)}\n`);
      return 1;
    }
    const { fs } = p.machine;
    const apply = (path: string): void => {
      fs.chown(path, uid, gid, p);
      if (options.has("R") && fs.isDirectory(path, p))
        for (const name of fs.readdir(path, p)) apply(`${path}/${name}`);
    };
    let status = 0;
    for (const name of files)
      if (!(yield* attempt(p, `${tool}: cannot access '${name}'`, () => apply(p.path(name)))))
        status = 1;
    return status;
  },
};

export const filemod: readonly Command[] = [chmod, chown, ln, mkdir, rm, rmdir, touch];
