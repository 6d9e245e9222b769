import type { Process, Run } from "../host/process.ts";

/**
 * A command's last words on standard error. In a shell that has the command inside, its own prefix
 * (`script.sh: line 3: `) stands before each.
 */
export class Complaint extends Error {
  lines: string[];
  status: number;

  constructor(lines: string[], status: number) {
    super(lines.join("\n"));
    this.lines = lines;
    this.status = status;
  }
}

/**
 * A program of the emulated machine: one file each under command/, named in registry.ts.
 * `run` gets the process (descriptors, environment, network namespace, clock) and argv[0..];
 * it returns the exit status.
 */
export interface Command {
  name: string;
  /** One line, as `whatis` has it. */
  summary: string;
  /** One screen: synopsis, options, an example; shown by `man NAME`. */
  man: string;
  /** True for what bash itself does (`type` says so): such a command runs in the shell's process. */
  builtin?: boolean;
  run(p: Process, argv: string[]): Run;
  /** True for what lives in /usr/sbin instead of /usr/bin. */
  sbin?: boolean;
  /** Other names that it goes by (`egrep`); it looks at argv[0]. */
  aliases?: readonly string[];
  /** The heading that `help` lists it under. */
  group?: "files" | "text" | "processes" | "system" | "network" | "kubernetes" | "shell";
  /**
   * Completion: `words` are the words typed so far, the last of them being completed (may be "").
   * Answers whole words. Absent: files.
   */
  complete?(p: Process, words: string[]): string[];
}
