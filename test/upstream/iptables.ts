/** A line of a test file for one chain. */
interface Trial {
  line: number;
  table: string;
  chain: string;
  rule: string;
  /** What iptables-save must then contain, after "-A CHAIN ". */
  saved: string;
  expected: "OK" | "FAIL" | "NOMATCH";
}

/** A command of the file's own, or a rule to try. */
type Step = { command: string } | Trial[];

/**
 * The meaning of an `extensions/*.t`: `:CHAIN,CHAIN` and `*table` say where, `@command` is run, and
 * `rule;saved;result[;VARIANT[;result for the other]]` is tried in each chain (iptables 1.8.9:
 * iptables-test.py). The legacy variant is ours.
 */
export function readTests(text: string): Step[] {
  const steps: Step[] = [];
  let chains: string[] = [];
  let table = "filter";
  text.split("\n").forEach((line, i) => {
    if (!line.trim() || line.startsWith("#")) return;
    if (line.startsWith(":")) chains = line.slice(1).trim().split(",");
    else if (line.startsWith("*")) table = line.slice(1).trim();
    else if (/^[@%]/.test(line)) steps.push({ command: line.slice(1) });
    else {
      const [rule = "", saved = "", result = "", variant = "LEGACY", other] = line
        .split(";")
        .map((part) => part.trimEnd());
      const expected =
        variant === "LEGACY" ? result : (other ?? (result === "FAIL" ? "OK" : "FAIL"));
      steps.push(
        chains.map((chain) => ({
          line: i + 1,
          table,
          chain,
          rule,
          saved: saved === "=" ? rule : saved,
          expected: (variant !== "LEGACY" && !other && result === "NOMATCH"
            ? "OK"
            : expected) as Trial["expected"],
        })),
      );
    }
  });
  return steps;
}

/** One shell script that tries all of them and says between marks what came of each. */
export function scriptOf(steps: readonly Step[]): string {
  const lines: string[] = [];
  for (const step of steps) {
    if (!Array.isArray(step)) lines.push(`${step.command} >/dev/null 2>&1`);
    else
      for (const { table, chain, rule } of step)
        lines.push(
          `echo @@added; iptables -t ${table} -A ${chain} ${rule}`,
          "s=$?; echo @@status $s",
          `if [ $s = 0 ]; then echo @@saved; iptables-save -t ${table}; echo @@deleted`,
          `iptables -t ${table} -D ${chain} ${rule}; echo @@status $?; fi; echo @@end`,
        );
  }
  return lines.join("\n");
}

/** What is wrong with one trial; "" when nothing is. */
function judge({ chain, saved, expected }: Trial, output: string): string {
  const [, said = "", status = "1", then = ""] =
    /^([\s\S]*?)@@status (\d+)\n([\s\S]*)$/.exec(output) ?? [];
  if (status !== "0") return expected === "FAIL" ? "" : `is refused: ${said.trim()}`;
  if (expected === "FAIL") return "is accepted";
  const [dump = "", removal = ""] = then.split("@@deleted\n");
  const found = dump.includes(`${chain} ${saved}`);
  if (found !== (expected === "OK"))
    return `is saved as ${/^-A (.*)$/m.exec(dump)?.[1] ?? "nothing"}`;
  return /@@status 0\n/.test(removal) ? "" : `cannot be deleted: ${removal.split("\n")[0]}`;
}

/** Lines of a file that agree, of how many, and what is wrong with the others. */
export function judgeAll(steps: readonly Step[], output: string) {
  const answers = output.split("@@added\n").slice(1);
  const wrong: string[] = [];
  let tests = 0;
  for (const step of steps) {
    if (!Array.isArray(step)) continue;
    tests++;
    const complaints = step
      .map((trial) => ({ trial, complaint: judge(trial, answers.shift() ?? "") }))
      .filter(({ complaint }) => complaint);
    const [first] = complaints;
    if (first)
      wrong.push(
        `  ${first.trial.line}: ${first.trial.chain} ${first.trial.rule} ${first.complaint}`,
      );
  }
  return { tests, agree: tests - wrong.length, wrong };
}
