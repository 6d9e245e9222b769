import { SysError } from "../../base/errno.ts";
import type { Process, Run } from "../../host/process.ts";
import type { Command } from "../command.ts";
import { closeInput, Lines, openInput } from "../lib/input.ts";
import { getopt } from "../lib/options.ts";
import { Output } from "../lib/output.ts";

/** Everything to standard output; what reading failed with. */
function* copyOut(p: Process, fd: number): Run<SysError | null> {
  for (;;) {
    let data: Uint8Array | null;
    try {
      data = yield* p.read(fd);
    } catch (error) {
      if (error instanceof SysError) return error;
      throw error;
    }
    if (data === null) return null;
    yield* p.write(1, data);
  }
}

export const cat: Command = {
  name: "cat",
  summary: "concatenate files and print on the standard output",
  group: "files",
  man: `cat [OPTION]... [FILE]...

Write each FILE (standard input for -, or when there is none) to standard output.
  -n   number the lines      -b   number lines that are not empty
  -s   squeeze empty lines   -E   show $ at the end of lines
  -T   show tabs as ^I       -A   all of them (-vET)`,
  *run(p, argv) {
    const options = getopt(argv, "AbeEnstTuv", {
      "show-all": "A",
      "number-nonblank": "b",
      "show-ends": "E",
      number: "n",
      "squeeze-blank": "s",
      "show-tabs": "T",
      "show-nonprinting": "v",
    });
    if (options.error) {
      yield* p.err(options.error);
      return 1;
    }
    const plain = options.list.every(([name]) => name === "u");
    const files = options.operands.length ? options.operands : ["-"];
    const out = new Output(p);
    let status = 0;
    let number = 0;
    let blank = false;
    for (const name of files) {
      const fd = openInput(p, name);
      if (typeof fd === "string") {
        yield* out.flush();
        yield* p.err(`cat: ${name}: ${fd}\n`);
        status = 1;
        continue;
      }
      if (plain) {
        const failed = yield* copyOut(p, fd);
        if (failed) {
          yield* p.err(`cat: ${name}: ${failed.message}\n`);
          status = 1;
        }
        closeInput(p, fd);
        continue;
      }
      const ends = options.has("E", "A", "e") ? "$" : "";
      const tabs = options.has("T", "A", "t");
      const lines = new Lines(p, fd);
      for (;;) {
        let line = yield* lines.next();
        if (line === null) break;
        if (options.has("s") && line === "" && blank) continue;
        blank = line === "";
        let head = "";
        if (options.has("b") ? line !== "" : options.has("n"))
          head = `${String(++number).padStart(6)}\t`;
        if (options.has("v", "A", "e", "t"))
          line = line.replace(
            /[\x00-\x08\x0b-\x1f]/g,
            (c) => `^${String.fromCharCode(c.charCodeAt(0) + 64)}`,
          );
        if (tabs) line = line.replace(/\t/g, "^I");
        yield* out.write(`${head}${line}${lines.partial ? "" : `${ends}\n`}`);
      }
      closeInput(p, fd);
    }
    yield* out.flush();
    return status;
  },
};
