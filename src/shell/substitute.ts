import type { ParsedScript } from "unbash";
import { concatBytes, fromUtf8 } from "../base/text.ts";
import { makePipe } from "../host/pipe.ts";
import type { Run } from "../host/process.ts";
import { forkShell } from "./compound.ts";
import { expandText } from "./expansion.ts";
import { waitAll } from "./job.ts";
import { parseScript } from "./parse.ts";
import { runBody } from "./run.ts";
import { ExpansionError, type Shell, Unreadable } from "./shell.ts";
import { refuse, runText, SUBSTITUTION } from "./text.ts";

/** The script between `$(` and `)`, and the text that its positions are in. */
function enter(child: Shell, script: ParsedScript): void {
  const frame = child.frame;
  if (script.source !== undefined && frame)
    child.frames.push({ ...frame, source: script.source, line: child.line - 1 });
}

/** `$(...)`: what a subshell writes, without the newlines at its end (POSIX 2.6.3). */
export function* commandOutput(
  sh: Shell,
  script: ParsedScript | undefined,
  text: string,
): Run<string> {
  if (!script) return "";
  const backquoted = text.startsWith("`");
  const inner = backquoted ? (script.source ?? text.slice(1, -1)) : text.slice(2);
  const bad = backquoted
    ? parseScript(inner, sh.shopts.has("extglob")).problem !== null
    : script.errors?.length;
  if (bad && !backquoted) {
    // Only what was not read with its line, in a here-document.
    const message = `${text}: bad substitution`;
    throw (yield* refuse(sh, inner)) ? new Unreadable(message) : new ExpansionError(message);
  }
  const file = readsFile(script);
  if (file) {
    const name = yield* expandText(sh, file);
    const fd = sh.p.open(name);
    const data = fromUtf8(yield* sh.p.readAll(fd));
    sh.p.close(fd);
    sh.substituted = 0;
    return data.replace(/\n+$/, "").replace(/\0/g, "");
  }
  const { read, write } = makePipe(sh.p.sim);
  const process = forkShell(sh, function* (child) {
    if (!child.shopts.has("inherit_errexit")) child.options.delete("errexit");
    if (bad) {
      const line = sh.interactive ? 0 : child.line - 1;
      return yield* runText(child, inner, child.frame?.file ?? "", line, SUBSTITUTION);
    }
    enter(child, script);
    return yield* runBody(child, script.commands);
  });
  process.setFd(1, write);
  const parts: Uint8Array[] = [];
  for (;;) {
    const data = read.read(65536);
    if (data === "EOF") break;
    if (data === "EAGAIN") yield { on: [read.readable], until: Number.POSITIVE_INFINITY };
    else parts.push(data);
  }
  read.release();
  yield* waitAll(sh, [process]);
  sh.substituted = process.status ?? 0;
  return fromUtf8(concatBytes(parts)).replace(/\n+$/, "").replace(/\0/g, "");
}

/** `$(< file)` */
function readsFile(script: ParsedScript) {
  const only = script.commands.length === 1 ? script.commands[0]?.command : undefined;
  if (only?.type !== "Command" || only.name || only.prefix.length !== 1 || only.suffix.length)
    return null;
  const redirect = only.prefix[0];
  return redirect?.type === "Redirect" && redirect.operator === "<" ? redirect.target : null;
}

/** `<(...)`: the name of a descriptor that the other process writes to. */
export function* processSubstitution(
  sh: Shell,
  script: ParsedScript | undefined,
  text: string,
  operator: "<" | ">",
): Run<string> {
  if (!script || script.errors?.length) throw new ExpansionError(`${text}: bad substitution`);
  const { read, write } = makePipe(sh.p.sim);
  const process = forkShell(sh, function* (child) {
    enter(child, script);
    return yield* runBody(child, script.commands);
  });
  process.setFd(operator === "<" ? 1 : 0, operator === "<" ? write : read);
  let fd = 63;
  while (sh.p.fds[fd]) fd--;
  sh.p.setFd(fd, operator === "<" ? read : write);
  sh.opened.push(fd);
  return `/dev/fd/${fd}`;
}
