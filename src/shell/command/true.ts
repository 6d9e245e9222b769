import type { Command } from "../command.ts";

export const yesno: Command[] = [
  {
    name: "true",
    summary: "do nothing, successfully",
    group: "shell",
    builtin: true,
    man: "true\n\nExit with status 0.",
    *run() {
      return 0;
    },
  },
  {
    name: "false",
    summary: "do nothing, unsuccessfully",
    group: "shell",
    builtin: true,
    man: "false\n\nExit with status 1.",
    *run() {
      return 1;
    },
  },
];
