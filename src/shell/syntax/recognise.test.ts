import { describe, expect, it } from "vitest";
import { fromUtf8 } from "../../base/text.ts";
import { Capture } from "../../host/open.ts";
import { runScript } from "../script.ts";
import { testMachine } from "../testkit.ts";
import { recognise } from "./recognise.ts";
import { recorded } from "./recorded.testdata.ts";

function run(text: string): [string, number | null] {
  const machine = testMachine();
  machine.fs.mkdirp("/w");
  const stdout = new Capture();
  const p = runScript(machine, text, { cwd: "/w", stdout });
  for (let i = 0; p.status === null && i < 100_000; i++) if (!machine.sim.step()) break;
  return [fromUtf8(stdout.take()), p.status];
}

describe("what bash says of a text", () => {
  it.each(recorded)("%j", (text, printed, status) => {
    expect(run(text)).toEqual([printed, status]);
  });
});

describe("a text at a prompt", () => {
  const more = (text: string) => recognise(`${text}\n`, false).more;

  it.each([
    ...["f() {", "for i in a b", "case x in", "if true", "while", "a &&", "a |", "(a", "((1+"],
    ...["echo $(ls", "echo `ls", "echo ${a", 'echo "a', "echo 'a", "a=(1 2", "[[ a &&", "{ a }"],
    ...["cat <<E", "cat <<E\na", "a \\", "\\", "function f", "echo <(a", "x=$((1", "f()", "for \\"],
  ])("%j asks for more", (text) => {
    expect(more(text)).toBe(true);
  });

  it.each([
    ...["", "a", "a;", "a &", "# (", "for", "case", "echo >", "f(", "(a))", "if true; fi", "!"],
    ...["[[ a", "[[ a b ]]", "a=(1;", "echo $(ls; done", "cat <<E\nE", "f() { a; }", "}", "a ;;"],
  ])("%j is whole, or wrong at once", (text) => {
    expect(more(text)).toBe(false);
  });
});

it("does not fall over what is nested without end", () => {
  const parts = ["( ", "{ ", "$(", "${a", '"${', "`", "((", "if ", "a=(", "! ", "a && ", "a | "];
  const texts = parts.flatMap((part) => [part.repeat(20_000), `echo ${part.repeat(20_000)}`]);
  for (const part of ["( ", "! ", "a && ", "a || "]) texts.push(`[[ ${part.repeat(20_000)}`);
  for (const text of texts) expect(recognise(text, true).problem).not.toBeUndefined();
});

it("says so where a right text has no tree", () => {
  const said = "script.sh: line 1: not supported here: unterminated command substitution\n";
  expect(run("x=$(echo case a)\n")).toEqual([said, 2]);
});

it("takes an extended pattern for one where it is switched on", () => {
  expect(recognise("echo @(a|b)\n", true).problem).toBeNull();
  expect(recognise("shopt -s extglob\necho @(a|b)\n", false).problem).toBeNull();
  expect(recognise("shopt -s extglob; echo @(a|b)\n", false).problem).not.toBeNull();
});
