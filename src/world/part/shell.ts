import { parse } from "unbash";
import { installGrammar } from "../../shell/parse.ts";
import { commands } from "../../shell/part/core.ts";
import { installCommands } from "../../shell/registry.ts";
import { recognise } from "../../shell/syntax/recognise.ts";

/** The shell's grammar and what it has inside: what any command needs. */
export function install(): void {
  installGrammar({ parse, recognise });
  installCommands(commands);
}
