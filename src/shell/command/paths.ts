import { SysError } from "../../base/errno.ts";
import type { Command } from "../command.ts";
import { formatDate } from "../lib/date.ts";
import { getopt } from "../lib/options.ts";
import { findProgram } from "../spawn.ts";
import { groupName, userName } from "./identity.ts";
import { modeString } from "./ls.ts";

/** Questions about names: basename, dirname, readlink, realpath, pwd, which, stat. */

const basename: Command = {
  name: "basename",
  summary: "strip directory and suffix from filenames",
  group: "files",
  man: "basename NAME [SUFFIX]      basename -a NAME...      basename -s SUFFIX NAME...",
  *run(p, argv) {
    const options = getopt(argv, "+as:z", { multiple: "a", "suffix=": "s" });
    if (options.error) {
      yield* p.err(options.error);
      return 1;
    }
    const words = options.operands;
    if (words.length === 0) {
      yield* p.err("basename: missing operand\nTry 'basename --help' for more information.\n");
      return 1;
    }
    const many = options.has("a", "s");
    if (!many && words.length > 2) {
      yield* p.err(
        `basename: extra operand ‘${words[2]}’\nTry 'basename --help' for more information.\n`,
      );
      return 1;
    }
    const suffix = options.get("s") ?? (many ? "" : (words[1] ?? ""));
    for (const word of many ? words : words.slice(0, 1)) {
      let name = /^\/+$/.test(word) ? "/" : word.replace(/\/+$/, "").replace(/.*\//, "");
      if (suffix && name !== suffix && name.endsWith(suffix)) name = name.slice(0, -suffix.length);
      yield* p.out(`${name}\n`);
    }
    return 0;
  },
};

const dirname: Command = {
  name: "dirname",
  summary: "strip last component from file name",
  group: "files",
  man: "dirname NAME...\n\nPrint what comes before the last slash; . when there is none.",
  *run(p, argv) {
    const words = argv.slice(1).filter((word) => word !== "--");
    if (words.length === 0) {
      yield* p.err("dirname: missing operand\nTry 'dirname --help' for more information.\n");
      return 1;
    }
    for (const word of words) {
      const trimmed = word.replace(/(.)\/+$/, "$1");
      const at = trimmed.lastIndexOf("/");
      const dir = at < 0 ? "." : trimmed.slice(0, at).replace(/\/+$/, "") || "/";
      yield* p.out(`${dir}\n`);
    }
    return 0;
  },
};

const readlink: Command = {
  name: "readlink",
  summary: "print resolved symbolic links or canonical file names",
  group: "files",
  man: "readlink [-f|-e|-m] [-n] FILE...\n\nPrint where a link points; with -f the whole path without links.",
  *run(p, argv) {
    const options = getopt(argv, "femnqsvz", {
      canonicalize: "f",
      "canonicalize-existing": "e",
      "canonicalize-missing": "m",
      "no-newline": "n",
    });
    if (options.error) {
      yield* p.err(options.error);
      return 1;
    }
    if (options.operands.length === 0) {
      yield* p.err("readlink: missing operand\nTry 'readlink --help' for more information.\n");
      return 1;
    }
    let status = 0;
    for (const name of options.operands)
      try {
        const { fs } = p.machine;
        let text: string;
        if (options.has("f", "e", "m")) {
          const walk = fs.walk(p.path(name), p);
          if (options.has("e") && !walk.spot) throw new SysError("ENOENT");
          text = walk.path;
        } else {
          const stat = fs.lstat(p.path(name), p);
          if (stat.kind !== "symlink") throw new SysError("EINVAL");
          text = stat.target;
        }
        yield* p.out(options.has("n") ? text : `${text}\n`);
      } catch (error) {
        if (!(error instanceof SysError)) throw error;
        status = 1;
      }
    return status;
  },
};

const realpath: Command = {
  name: "realpath",
  summary: "print the resolved path",
  group: "files",
  man: "realpath [-e|-m|-s] FILE...\n\nPrint the absolute path, without links, . and ..",
  *run(p, argv) {
    const options = getopt(argv, "emsqLPz", {
      "canonicalize-existing": "e",
      "canonicalize-missing": "m",
      strip: "s",
    });
    if (options.error) {
      yield* p.err(options.error);
      return 1;
    }
    let status = 0;
    for (const name of options.operands)
      try {
        const walk = p.machine.fs.walk(p.path(name), p);
        if (options.has("e") && !walk.spot) throw new SysError("ENOENT");
        yield* p.out(`${walk.path}\n`);
      } catch (error) {
        if (!(error instanceof SysError)) throw error;
        yield* p.err(`realpath: ${name}: ${error.message}\n`);
        status = 1;
      }
    return status;
  },
};

const pwd: Command = {
  name: "pwd",
  summary: "print name of current/working directory",
  group: "files",
  man: "pwd [-L|-P]",
  *run(p) {
    yield* p.out(`${p.cwd}\n`);
    return 0;
  },
};

const which: Command = {
  name: "which",
  summary: "locate a command",
  group: "shell",
  man: "which [-a] NAME...\n\nPrint the path of the program that would be run.",
  *run(p, argv) {
    let status = 0;
    const all = argv.includes("-a");
    for (const name of argv.slice(1).filter((word) => word !== "-a")) {
      let found = false;
      const dirs = name.includes("/") ? [""] : (p.env.get("PATH") ?? "").split(":");
      for (const dir of dirs) {
        const path = dir === "" ? name : `${dir}/${name}`;
        const { kind } = findProgram(p, path);
        if (kind !== "command" && kind !== "script") continue;
        yield* p.out(`${path}\n`);
        found = true;
        if (!all) break;
      }
      if (!found) status = 1;
    }
    return status;
  },
};

const KINDS = {
  file: "regular file",
  directory: "directory",
  symlink: "symbolic link",
  device: "character special file",
};

const stat: Command = {
  name: "stat",
  summary: "display file status",
  group: "files",
  man: "stat [-L] [-c FORMAT] FILE...\n\nFORMAT: %n name  %s size  %a %A mode  %u %U owner  %g %G group  %F kind  %y %Y time  %i inode",
  *run(p, argv) {
    const options = getopt(argv, "c:Lft", {
      "format=": "c",
      "printf=": "printf",
      dereference: "L",
    });
    if (options.error) {
      yield* p.err(options.error);
      return 1;
    }
    if (options.operands.length === 0) {
      yield* p.err("stat: missing operand\nTry 'stat --help' for more information.\n");
      return 1;
    }
    let status = 0;
    for (const name of options.operands)
      try {
        const found = options.has("L")
          ? p.machine.fs.stat(p.path(name), p)
          : p.machine.fs.lstat(p.path(name), p);
        const seconds = Math.floor(p.sim.epoch / 1000 + found.mtime / 1e9);
        const time = formatDate(
          "%F %T.%N %z",
          new Date(seconds * 1000),
          Math.floor(Math.abs(found.mtime) % 1e9),
        );
        const kind =
          found.kind === "file" && found.size === 0 ? "regular empty file" : KINDS[found.kind];
        const fields: Record<string, string> = {
          n: name,
          N: found.kind === "symlink" ? `'${name}' -> '${found.target}'` : `'${name}'`,
          s: String(found.size),
          a: found.mode.toString(8),
          A: modeString(found),
          u: String(found.uid),
          U: userName(p, found.uid),
          g: String(found.gid),
          G: groupName(p, found.gid),
          F: kind,
          h: String(found.nlink),
          i: String(found.ino),
          b: String(Math.ceil(found.size / 4096) * 8),
          B: "512",
          y: time,
          z: time,
          x: time,
          Y: String(seconds),
          X: String(seconds),
          Z: String(seconds),
          "%": "%",
        };
        const fill = (format: string) =>
          format.replace(/%([a-zA-Z%])/g, (whole, c: string) => fields[c] ?? whole);
        const printf = options.get("printf");
        const format = options.get("c");
        if (printf !== null) yield* p.out(fill(printf.replace(/\\n/g, "\n").replace(/\\t/g, "\t")));
        else if (format !== null) yield* p.out(`${fill(format)}\n`);
        else {
          const blocks = Math.ceil(found.size / 4096) * 8;
          const arrow = found.kind === "symlink" ? ` -> ${found.target}` : "";
          const owner = (id: number, who: string) =>
            `(${String(id).padStart(5)}/${who.padStart(8)})`;
          yield* p.out(
            `  File: ${name}${arrow}\n  Size: ${String(found.size).padEnd(10)}\tBlocks: ${String(blocks).padEnd(10)} IO Block: 4096   ${kind}\n` +
              `Device: 0,26\tInode: ${String(found.ino).padEnd(11)} Links: ${found.nlink}\n` +
              `Access: (${found.mode.toString(8).padStart(4, "0")}/${modeString(found)})  Uid: ${owner(found.uid, userName(p, found.uid))}   Gid: ${owner(found.gid, groupName(p, found.gid))}\n` +
              `Access: ${time}\nModify: ${time}\nChange: ${time}\n Birth: -\n`,
          );
        }
      } catch (error) {
        if (!(error instanceof SysError)) throw error;
        yield* p.err(`stat: cannot statx '${name}': ${error.message}\n`);
        status = 1;
      }
    return status;
  },
};

export const paths: readonly Command[] = [basename, dirname, pwd, readlink, realpath, stat, which];
