import type { Redirection } from "unbash";
import { SysError } from "../base/errno.ts";
import { utf8 } from "../base/text.ts";
import type { OpenFile } from "../host/file.ts";
import type { OpenFlags } from "../host/fs.ts";
import { TextFile } from "../host/open.ts";
import type { Process, Run } from "../host/process.ts";
import { expandParts, expandText, expandWords } from "./expand.ts";
import { type Shell, Unreadable } from "./shell.ts";

const MODES: Record<string, OpenFlags> = {
  "<": { read: true },
  ">": { write: true, create: true, truncate: true },
  ">|": { write: true, create: true, truncate: true },
  ">>": { write: true, create: true, append: true },
  "<>": { read: true, write: true, create: true },
  "&>": { write: true, create: true, truncate: true },
  "&>>": { write: true, create: true, append: true },
};

/**
 * Carry out redirections on `target` (POSIX 2.7), words expanded by `sh`. False when one failed,
 * which has then been told on the target's standard error.
 */
export function* applyRedirects(
  sh: Shell,
  redirects: readonly Redirection[],
  target: Process,
): Run<boolean> {
  for (const redirect of redirects) {
    const error = yield* apply(sh, redirect, target);
    if (error === null) continue;
    if (error !== "" && target.fds[2]) yield* target.err(`${sh.prefix}${error}\n`);
    return false;
  }
  return true;
}

/** Why it failed; "" when that has been told. */
function* apply(sh: Shell, redirect: Redirection, target: Process): Run<string | null> {
  const { operator, descriptor } = redirect;
  const fdOf = (normal: number): number => {
    if (descriptor?.type === "FileDescriptor") return descriptor.value;
    if (descriptor?.type !== "FileDescriptorVariable") return normal;
    const name = descriptor.name;
    const closing = redirect.type === "Redirect" && redirect.target?.text === "-";
    if (closing) return Number(sh.get(name) ?? -1);
    let fd = 10;
    while (target.fds[fd]) fd++;
    sh.set(name, String(fd));
    return fd;
  };
  if (redirect.type === "HereDoc") {
    const { body, delimiter } = redirect;
    let text = body.text;
    try {
      if (!delimiter?.quoted && body.parts) text = yield* expandParts(sh, body.parts);
    } catch (error) {
      if (error instanceof Unreadable) return "";
      throw error;
    }
    if (operator === "<<-" && (delimiter?.quoted || !body.parts)) text = text.replace(/^\t+/gm, "");
    target.setFd(fdOf(0), new TextFile(utf8(text)));
    return null;
  }
  if (redirect.type === "HereString") {
    const text = redirect.target ? yield* expandText(sh, redirect.target, "bare") : "";
    target.setFd(fdOf(0), new TextFile(utf8(`${text}\n`)));
    return null;
  }
  if (!redirect.target) return "syntax error near unexpected token `newline'";
  const words = yield* expandWords(sh, [redirect.target]);
  if (words.length !== 1) return `${redirect.target.text}: ambiguous redirect`;
  const word = words[0] as string;
  if (operator === ">&" || operator === "<&") {
    const fd = fdOf(operator === ">&" ? 1 : 0);
    if (word === "-") {
      target.setFd(fd, null);
      return null;
    }
    const match = /^(\d+)(-?)$/.exec(word);
    if (match) {
      const from = Number(match[1]);
      const file = target.fds[from];
      if (!file) return `${word}: Bad file descriptor`;
      file.hold();
      target.setFd(fd, file);
      if (match[2]) target.setFd(from, null);
      return null;
    }
    if (operator === "<&" || descriptor) return `${word}: ambiguous redirect`;
  }
  const both = operator === "&>" || operator === "&>>" || operator === ">&";
  const flags: OpenFlags = { ...(MODES[operator] ?? MODES[">"]) };
  if (operator === ">" && sh.options.has("noclobber")) flags.exclusive = true;
  let file: OpenFile;
  try {
    file = sh.p.machine.fs.open(target.path(word), flags, 0o666, target);
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
    const why = error.code === "EEXIST" ? "cannot overwrite existing file" : error.message;
    return `${word}: ${why}`;
  }
  const normal = operator === "<" || operator === "<>" ? 0 : 1;
  target.setFd(fdOf(normal), file);
  if (both) {
    file.hold();
    target.setFd(2, file);
  }
  return null;
}

/** Keep a process's descriptors, to put them back after a builtin or a compound command. */
export function saveFds(p: Process): (OpenFile | null)[] {
  const saved = p.fds.slice();
  for (const file of saved) file?.hold();
  return saved;
}

export function restoreFds(p: Process, saved: (OpenFile | null)[]): void {
  for (const file of p.fds) file?.release();
  p.fds = saved;
}
