import { EXEC_COST } from "../../host/process.ts";
import { PageRequest } from "../../host/request.ts";
import type { Command } from "../command.ts";

/** Opens a file in the page's editor and waits until it is closed there. */
export const edit: Command = {
  name: "edit",
  aliases: ["nano", "vi", "vim", "editor", "emacs"],
  summary: "edit a file",
  group: "files",
  man: "edit [+LINE] FILE\n\nOpen FILE in the page's editor; the prompt comes back when it is closed.\nnano, vi, vim and emacs are the same here.",
  *run(p, argv) {
    const tool = argv[0] ?? "edit";
    const words = argv.slice(1).filter((word) => !word.startsWith("-"));
    const line = words.find((word) => /^\+\d+$/.test(word));
    const [name] = words.filter((word) => word !== line);
    if (name === undefined) {
      yield* p.err(`${tool}: which file?\n`);
      return 1;
    }
    const { machine } = p;
    if (!machine.page || !p.isTty(1)) {
      yield* p.err(`${tool}: there is no page to edit ${name} in; use a here-document or sed -i\n`);
      return 1;
    }
    if (machine.fs.isDirectory(p.path(name), p)) {
      yield* p.err(`${tool}: ${name}: Is a directory\n`);
      return 1;
    }
    const request = new PageRequest(p, p.path(name), line ? Number(line.slice(1)) : 1);
    machine.requests.push(request);
    machine.requested.wakeAll(p.sim);
    // Ctrl-C at the terminal gives the prompt back; the page learns from the answer.
    p.caught.add("SIGINT");
    while (request.answer === "open") {
      yield { on: [request.answered], until: Number.POSITIVE_INFINITY };
      if (p.took("SIGINT")) {
        request.answer = "closed";
        return 130;
      }
    }
    yield { on: [], until: p.sim.now + EXEC_COST };
    return 0;
  },
};
