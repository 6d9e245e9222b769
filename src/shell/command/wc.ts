import { fromUtf8 } from "../../base/text.ts";
import type { Command } from "../command.ts";
import { closeInput, openInput } from "../lib/input.ts";
import { getopt } from "../lib/options.ts";

export const wc: Command = {
  name: "wc",
  summary: "print newline, word, and byte counts for each file",
  group: "text",
  man: `wc [OPTION]... [FILE]...

Print lines, words and bytes of each FILE, and a total when there are several.
  -l lines   -w words   -c bytes   -m characters   -L longest line`,
  *run(p, argv) {
    const options = getopt(argv, "clmwL", {
      bytes: "c",
      chars: "m",
      lines: "l",
      words: "w",
      "max-line-length": "L",
    });
    if (options.error) {
      yield* p.err(options.error);
      return 1;
    }
    const wanted = ["l", "w", "m", "c", "L"].filter((letter) =>
      options.list.length ? options.has(letter) : "lwc".includes(letter),
    );
    const files = options.operands.length ? options.operands : [""];
    const rows: { counts: number[]; name: string }[] = [];
    const total = wanted.map(() => 0);
    let status = 0;
    let errors = "";
    for (const name of files) {
      const fd = openInput(p, name === "" ? "-" : name);
      if (typeof fd === "string") {
        status = 1;
        errors += `wc: ${name}: ${fd}\n`;
        if (fd === "Is a directory") rows.push({ counts: wanted.map(() => 0), name });
        continue;
      }
      const data = yield* p.readAll(fd);
      closeInput(p, fd);
      const text = fromUtf8(data);
      const counts = wanted.map((letter) => {
        if (letter === "c") return data.length;
        if (letter === "m") return [...text].length;
        if (letter === "l") return text.split("\n").length - 1;
        if (letter === "w") return text.split(/\s+/).filter((word) => word !== "").length;
        return Math.max(0, ...text.split("\n").map((line) => [...line].length));
      });
      rows.push({ counts, name });
      counts.forEach((count, i) => {
        total[i] =
          wanted[i] === "L" ? Math.max(total[i] as number, count) : (total[i] as number) + count;
      });
    }
    if (errors) yield* p.err(errors);
    if (files.length > 1) rows.push({ counts: total, name: "total" });
    // GNU: as wide as the sum of the sizes needs; 7 for what is no regular file.
    let width = 1;
    if (wanted.length > 1 || files.length > 1) {
      width = Math.max(...rows.flatMap((row) => row.counts)).toString().length;
      let sizes = 0;
      let regular = true;
      for (const name of files) {
        const stat = name === "" || name === "-" ? null : p.machine.fs.tryStat(p.path(name), p);
        if (stat?.kind === "file") sizes += stat.size;
        else if (stat?.kind !== "directory")
          regular = regular && stat === null && name !== "" && name !== "-";
      }
      width = regular ? Math.max(String(sizes).length, 1) : 7;
    }
    for (const { counts, name } of rows)
      yield* p.out(
        `${counts.map((count) => String(count).padStart(width)).join(" ")}${name === "" ? "" : ` ${name}`}\n`,
      );
    return status;
  },
};
