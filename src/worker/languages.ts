import { fromUtf8 } from "../base/text.ts";
import type { Process } from "../host/process.ts";
import { type Language, quoted } from "../shell/language/language.ts";
import { languageOf } from "../shell/language/registry.ts";
import { unifiedDiff } from "../shell/lib/difference.ts";
import { Session as Terminal } from "../shell/session.ts";
import type { Completions, FileLanguage, Hover, Preview, Problem } from "./protocol.ts";
import type { WorldSession } from "./session.ts";

/*
 * What the editor asks about the files of its requests. A part of its own, for it comes with the
 * first editor; nothing of it is an input, for nothing of it changes the world.
 */

interface Asked {
  process: Process;
  path: string;
  language: Language | null;
}

/** Null when the request has been answered. */
function asked(on: WorldSession, id: number, text: string): Asked | null {
  const request = on.requests.get(id);
  if (request?.answer !== "open") return null;
  const { process, path } = request;
  return { process, path, language: languageOf(path, text) };
}

/** The command that applies the file, for the prompt that comes back when the editor is closed. */
function commandOf({ process, path, language }: Asked): string | null {
  const { parent, machine, netns } = process;
  const command = language?.command?.(process, path) ?? null;
  // What a program asked for (`kubectl edit`) it will look at itself.
  if (command === null || !(parent instanceof Terminal)) return null;
  if (netns === parent.netns) return command;
  const name = [...machine.kernel.named].find(([, ns]) => ns === netns)?.[0];
  return name === undefined ? null : `ip netns exec ${quoted(name)} ${command}`;
}

export function language(on: WorldSession, id: number, text: string): FileLanguage | null {
  const file = asked(on, id, text);
  if (!file) return null;
  const { process } = file;
  const terminal = [...on.terminals].find(([, one]) => one.terminal === process.tty)?.[0] ?? 0;
  return {
    name: file.language?.name ?? "plain",
    words: file.language?.words?.() ?? {},
    command: terminal ? commandOf(file) : null,
    terminal,
  };
}

export function check(on: WorldSession, id: number, text: string): Problem[] {
  const file = asked(on, id, text);
  return file?.language?.check(file.process, file.path, text) ?? [];
}

export function complete(
  on: WorldSession,
  id: number,
  text: string,
  offset: number,
): Completions | null {
  const file = asked(on, id, text);
  return file?.language?.complete(file.process, text, offset) ?? null;
}

export function hover(on: WorldSession, id: number, text: string, offset: number): Hover | null {
  const file = asked(on, id, text);
  return file?.language?.hover(file.process, text, offset) ?? null;
}

export function preview(on: WorldSession, id: number, text: string): Preview | null {
  const file = asked(on, id, text);
  if (!file) return null;
  const { process, path } = file;
  if (commandOf(file) !== null && file.language?.preview)
    return file.language.preview(process, path, text);
  const { fs } = process.machine;
  const saved = fs.exists(path) ? fromUtf8(fs.readFile(path)) : "";
  return { diff: unifiedDiff(saved, text), problem: "" };
}
