import { type Command, Complaint } from "../command.ts";
import { TestError, testCommand } from "../test.ts";

export const test: Command = {
  name: "test",
  aliases: ["["],
  summary: "check file types and compare values",
  group: "shell",
  builtin: true,
  man: `test EXPRESSION        [ EXPRESSION ]

Exit with the status that EXPRESSION says.
  -e FILE exists    -f regular file   -d directory   -s not empty   -x executable   -L link
  -n STRING not empty   -z STRING empty   S1 = S2   S1 != S2
  N1 -eq N2   also -ne -lt -le -gt -ge
  ! EXPR   EXPR -a EXPR   EXPR -o EXPR   ( EXPR )`,
  *run(p, argv) {
    const name = argv[0] === "[" ? "[" : "test";
    let args = argv.slice(1);
    if (name === "[") {
      if (args[args.length - 1] !== "]") throw new Complaint(["[: missing `]'"], 2);
      args = args.slice(0, -1);
    }
    try {
      return testCommand(p, args, name) ? 0 : 1;
    } catch (error) {
      if (!(error instanceof TestError)) throw error;
      throw new Complaint([`${name}: ${error.message}`], 2);
    }
  },
};
