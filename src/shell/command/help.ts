import type { Process, Run } from "../../host/process.ts";
import { builtins } from "../builtin/index.ts";
import type { Command } from "../command.ts";
import { byLocale } from "../lib/locale.ts";
import { allCommands, arrival, findCommand } from "../registry.ts";

/** What there is, and how it is used: help, man, apropos, whatis. */

const HEADINGS: [NonNullable<Command["group"]>, string][] = [
  ["network", "Network"],
  ["kubernetes", "Kubernetes"],
  ["files", "Files"],
  ["text", "Text"],
  ["processes", "Processes"],
  ["system", "The machine"],
  ["shell", "The shell"],
];

function lineFor(command: Command): string {
  return `  ${command.name.padEnd(12)} ${command.summary}\n`;
}

const help: Command = {
  name: "help",
  builtin: true,
  summary: "list the commands of this machine",
  group: "shell",
  man: "help [NAME]\n\nList all commands with a line for each; with NAME show its page.",
  *run(p, argv) {
    if (argv[1] !== undefined) return yield* page(p, argv[1], "help");
    let out = "";
    for (const [group, title] of HEADINGS) {
      const list = allCommands()
        .filter(
          (command) => (command.group ?? "network") === group && !command.name.startsWith("_"),
        )
        .sort((a, b) => byLocale(a.name, b.name));
      if (list.length) out += `${title}\n${list.map(lineFor).join("")}\n`;
    }
    out += `Also part of bash: ${builtins
      .names()
      .filter((name) => /\w/.test(name))
      .join(" ")} declare export local readonly\n`;
    out +=
      "More: man NAME, apropos WORD. Tab completes, Ctrl-C ends, Ctrl-R searches what was typed.\n";
    yield* p.out(out);
    return 0;
  },
};

/** What `man NAME` shows; null when there is nothing. */
export function manualOf(name: string): string | null {
  const command = findCommand(name);
  if (command) return `${command.name} - ${command.summary}\n\n${command.man.trim()}\n`;
  return builtins.has(name) ? `${name} - a command of bash itself\n` : null;
}

function* page(p: Process, name: string, tool: string): Run {
  yield* arrival(findCommand(name));
  const text = manualOf(name);
  if (text !== null) {
    yield* p.out(text);
    return 0;
  }
  yield* p.err(
    tool === "man"
      ? `No manual entry for ${name}\n`
      : `bash: help: no help topics match \`${name}'.  Try \`help help' or \`man -k ${name}' or \`info ${name}'.\n`,
  );
  return tool === "man" ? 16 : 1;
}

function* search(p: Process, words: string[]): Run {
  let status = 0;
  for (const word of words) {
    const wanted = word.toLowerCase();
    const list = allCommands().filter((command) =>
      `${command.name} ${command.summary}`.toLowerCase().includes(wanted),
    );
    if (list.length === 0) {
      yield* p.err(`${word}: nothing appropriate.\n`);
      status = 16;
    }
    for (const { name, sbin, summary } of list)
      yield* p.out(`${`${name} (${sbin ? 8 : 1})`.padEnd(20)} - ${summary}\n`);
  }
  return status;
}

const man: Command = {
  name: "man",
  summary: "show a command's page",
  group: "shell",
  man: "man [SECTION] NAME      man -k WORD\n\nShow how NAME is used, on one screen; -k searches.",
  *run(p, argv) {
    const words = argv.slice(1).filter((word) => !/^\d$/.test(word));
    if (words[0] === "-k") return yield* search(p, words.slice(1));
    if (words.length === 0) {
      yield* p.err("What manual page do you want?\nFor example, try 'man man'.\n");
      return 1;
    }
    let status = 0;
    for (const word of words) status = Math.max(status, yield* page(p, word, "man"));
    return status;
  },
};

const apropos: Command = {
  name: "apropos",
  aliases: ["whatis"],
  summary: "search the manual page names and descriptions",
  group: "shell",
  man: "apropos WORD...\n\nList the commands whose name or summary has WORD in it.",
  *run(p, argv) {
    if (argv.length < 2) {
      yield* p.err(`${argv[0]} what?\n`);
      return 1;
    }
    return yield* search(p, argv.slice(1));
  },
};

export const manual: readonly Command[] = [apropos, help, man];
