import { SysError } from "../base/errno.ts";
import { fromUtf8 } from "../base/text.ts";
import type { OpenFile } from "../host/file.ts";
import { EXEC_COST, Process, type Run } from "../host/process.ts";
import { type Command, Complaint } from "./command.ts";
import { findCommand } from "./registry.ts";
import { runScriptFile } from "./script.ts";

/** What a command name stands for outside the shell. */
export type Program =
  | { kind: "command"; command: Command; path: string }
  | { kind: "script"; path: string }
  | { kind: "denied"; why: string }
  | { kind: "missing" };

const MISSING: Program = { kind: "missing" };
const BINS = /^(?:\/usr)?\/(s?)bin\/([^/]+)$/;

/** Find a program by path or along PATH (execvp). */
export function findProgram(
  p: Process,
  name: string,
  path = p.env.get("PATH") ?? "/bin:/usr/bin",
): Program {
  if (name === "") return MISSING;
  if (name.includes("/")) return atPath(p, name);
  let denied: Program | null = null;
  for (const dir of path.split(":")) {
    const found = atPath(p, dir === "" ? `./${name}` : `${dir}/${name}`, true);
    if (found.kind === "denied") denied = found;
    else if (found.kind !== "missing") return found;
  }
  return denied ?? MISSING;
}

function atPath(p: Process, path: string, search = false): Program {
  const bin = BINS.exec(path);
  if (bin) {
    const command = findCommand(bin[2] as string);
    if (!command || (command.sbin ?? false) !== (bin[1] === "s")) return MISSING;
    return { kind: "command", command, path };
  }
  const { fs } = p.machine;
  let real: string;
  try {
    const absolute = p.path(path);
    if (search && !fs.tryStat(absolute, p)) return MISSING;
    const stat = fs.stat(absolute, p);
    if (stat.kind === "directory")
      return search ? MISSING : { kind: "denied", why: "Is a directory" };
    if ((stat.mode & 0o111) === 0) return { kind: "denied", why: "Permission denied" };
    real = fs.realpath(absolute, p);
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
    return error.code === "ENOENT" ? MISSING : { kind: "denied", why: error.message };
  }
  const linked = BINS.exec(real);
  if (linked) {
    const command = findCommand(linked[2] as string);
    return command ? { kind: "command", command, path: real } : MISSING;
  }
  return { kind: "script", path: search ? path : path };
}

/** Run the program in this process, as execve would. */
export function* runProgram(p: Process, argv: string[], program: Program): Run {
  switch (program.kind) {
    case "command":
      return yield* runCommand(p, program.command, argv);
    case "script":
      return yield* execFile(p, argv, program.path);
    case "denied":
      return 126;
    case "missing":
      return 127;
  }
}

/** A command's run, with the errors that no command need catch itself. */
function* runCommand(p: Process, command: Command, argv: string[]): Run {
  try {
    return yield* command.run(p, argv);
  } catch (error) {
    if (error instanceof Complaint) {
      if (p.fds[2]) yield* p.err(`${error.message}\n`);
      return error.status;
    }
    if (!(error instanceof SysError)) throw error;
    const name = (argv[0] ?? command.name).replace(/.*\//, "");
    if (p.fds[2]) yield* p.err(`${name}: ${error.message}\n`);
    return 1;
  }
}

/** A file with `#!`, or a text that the shell reads (POSIX exec, ENOEXEC). */
function* execFile(p: Process, argv: string[], path: string): Run {
  const text = fromUtf8(p.machine.fs.readFile(p.path(path), p));
  const shebang = /^#!\s*(\S+)(?:[ \t]+([^\n]*\S))?/.exec(text);
  const interpreter = shebang?.[1] ?? "/bin/bash";
  if (/\/(bash|sh|dash)$/.test(interpreter) || shebang?.[2] === "bash" || shebang?.[2] === "sh")
    return yield* runScriptFile(p, path, text, argv.slice(1), shebang?.[2] ?? "");
  const program = findProgram(p, interpreter);
  if (program.kind === "missing" || program.kind === "denied") {
    yield* p.err(`bash: ${path}: ${interpreter}: bad interpreter: No such file or directory\n`);
    return 126;
  }
  const option = shebang?.[2] ? [shebang[2]] : [];
  return yield* runProgram(p, [interpreter, ...option, path, ...argv.slice(1)], program);
}

/** Run `argv` in this process (`env`, `ip netns exec`, `nohup`); null: there is no such program. */
export function* exec(p: Process, argv: string[]): Run<number | Program> {
  const program = findProgram(p, argv[0] ?? "");
  if (program.kind === "missing" || program.kind === "denied") return program;
  p.argv = argv;
  p.caught.clear();
  return yield* runProgram(p, argv, program);
}

/** fork and exec: a child that runs `argv`; null when there is no such program. */
export function spawn(
  p: Process,
  argv: string[],
  fds: { stdin?: OpenFile; stdout?: OpenFile; stderr?: OpenFile } = {},
): Process | null {
  const program = findProgram(p, argv[0] ?? "");
  if (program.kind === "missing" || program.kind === "denied") return null;
  const child = new Process(p.machine, p, argv);
  child.ignored = new Set(p.ignored);
  if (fds.stdin) child.setFd(0, fds.stdin);
  if (fds.stdout) child.setFd(1, fds.stdout);
  if (fds.stderr) child.setFd(2, fds.stderr);
  child.start(runProgram(child, argv, program), EXEC_COST);
  return child;
}

/** Wait for a child; its status. */
export function* waitFor(child: Process): Run {
  while (child.status === null) yield { on: [child.exited], until: Number.POSITIVE_INFINITY };
  return child.status;
}
