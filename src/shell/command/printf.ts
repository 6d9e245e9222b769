import { type Command, Complaint } from "../command.ts";
import { formatPrintf } from "../lib/printf.ts";

export const printf: Command = {
  name: "printf",
  summary: "format and print data",
  group: "text",
  builtin: true,
  man: `printf FORMAT [ARGUMENT]...

Print the ARGUMENTs as FORMAT says; it is used again while there are any left.
  %s text  %d number  %x hexadecimal  %o octal  %f %e %g fractions  %c character
  %b text with escapes  %q quoted for the shell  %% percent
In bash, -v NAME puts the text into a variable instead.`,
  *run(p, argv) {
    const args = argv[1] === "--" ? argv.slice(2) : argv.slice(1);
    const [format] = args;
    if (format === undefined) {
      yield* p.err("printf: usage: printf [-v var] format [arguments]\n");
      return 2;
    }
    const { text, errors } = formatPrintf(format, args.slice(1), p);
    yield* p.out(text);
    if (errors.length)
      throw new Complaint(
        errors.map((error) => `printf: ${error}`),
        1,
      );
    return 0;
  },
};
