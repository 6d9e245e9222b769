/** A line of a test file: a command and the status that it must have. */
interface Step {
  line: number;
  what: string;
  command: string;
  status: string;
}

/** Commands that want more of a machine than sets: packets from outside, a kernel log, modules. */
const BEYOND = /sendip|check_klog|check_sendip|iptables\.sh|rmmod|modprobe|setlist_resize|cidr\.sh/;

/**
 * The meaning of a `tests/*.t`: `STATUS command` in turn, `# text` names the next one, `skip command`
 * ends the file where that command fails (ipset 7.17: runtest.sh). `ipset` is ours: standard error of the first of a line goes to
 * a file that later lines look at.
 */
export function readTests(text: string): { steps: Step[]; skipped: number } {
  const steps: Step[] = [];
  let what = "";
  let skipped = 0;
  let over = false;
  text.split("\n").forEach((raw, i) => {
    // `read` without -r takes backslashes away.
    const line = raw.trim().replace(/\\(.)/g, "$1");
    const [, status = "", command = ""] = /^(\S+)\s*(.*)$/.exec(line) ?? [];
    if (!status) return;
    if (status === "#") {
      if (command === "eof") over = true;
      what = command;
    } else if (status === "skip") over ||= BEYOND.test(command);
    else if (over || BEYOND.test(command)) skipped++;
    else
      steps.push({
        line: i + 1,
        what,
        status,
        command: command.replace("ipset", "ipset 2>.foo.err"),
      });
  });
  return { steps, skipped };
}

export function scriptOf(steps: readonly Step[]): string {
  const lines = ["export LC_ALL=C IPSET_BIN=ipset", ": >.foo.err"];
  for (const { command } of steps)
    lines.push("echo @@run", command, "echo @@status $?; cat .foo.err");
  return lines.join("\n");
}

export function judgeAll(steps: readonly Step[], output: string) {
  const answers = output.split("@@run\n").slice(1);
  const wrong: string[] = [];
  let agree = steps.length;
  steps.forEach(({ line, what, command, status }, i) => {
    const [, said = "", got = "none", error = ""] =
      /^([\s\S]*?)@@status (\d+)\n([\s\S]*)$/.exec(answers[i] ?? "") ?? [];
    if (got === status) return;
    const words = `${said}${error}`.trim().split("\n").slice(0, 3);
    wrong.push(
      `  ${line}: ${what}: ${command}: status ${got}, not ${status}`,
      ...words.filter(Boolean).map((one) => `      ${one}`),
    );
    agree--;
  });
  return { tests: steps.length, agree, wrong };
}
