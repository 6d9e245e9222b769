import type { Command } from "../command.ts";

export const sync: Command = {
  name: "sync",
  summary: "synchronize cached writes to persistent storage",
  group: "system",
  man: "sync\n\nNothing is ever left unwritten here.",
  *run() {
    return 0;
  },
};
