import type { Command } from "../command.ts";
import { unescapeText } from "../lib/printf.ts";

export const echo: Command = {
  name: "echo",
  summary: "display a line of text",
  group: "text",
  builtin: true,
  man: `echo [-neE] [STRING]...

Print the STRINGs, separated by blanks, and a newline.
  -n   no newline at the end
  -e   backslash escapes have a meaning: \\n \\t \\\\ \\xHH \\0NNN \\c
  -E   they have none (the default)`,
  *run(p, argv) {
    let newline = true;
    let escapes = false;
    let i = 1;
    for (; i < argv.length && /^-[neE]+$/.test(argv[i] as string); i++)
      for (const letter of (argv[i] as string).slice(1)) {
        if (letter === "n") newline = false;
        else escapes = letter === "e";
      }
    let text = argv.slice(i).join(" ");
    if (escapes) {
      const result = unescapeText(text, true);
      text = result.text.replace(/\\(["'])/g, "\\$1");
      if (result.stop) newline = false;
    }
    yield* p.out(newline ? `${text}\n` : text);
    return 0;
  },
};
