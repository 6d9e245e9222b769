import { describe, expect, it } from "vitest";
import { SEC } from "../sim/sim.ts";
import { runToCompletion } from "./script.ts";
import { testMachine } from "./testkit.ts";

const run = (text: string) => runToCompletion(testMachine(), text);

describe("a script", () => {
  it("ends a writer whose reader is gone, at once and without a word", () => {
    const { stdout, stderr, status } = run("seq 1 1000000000 | grep -m 2 .; echo ${PIPESTATUS[@]}");
    expect({ stdout, stderr, status }).toEqual({ stdout: "1\n2\n141 0\n", stderr: "", status: 0 });
  });

  it("lets virtual time pass while it sleeps", () => {
    const machine = testMachine();
    runToCompletion(machine, "sleep 60");
    expect(machine.sim.now).toBeGreaterThanOrEqual(60 * SEC);
    expect(machine.sim.now).toBeLessThan(60.1 * SEC);
  });

  it("names itself and the line in errors", () => {
    const { stderr, status } = run("true\nnope\n");
    expect(stderr).toBe("script.sh: line 2: nope: command not found\n");
    expect(status).toBe(127);
  });

  it("goes through a loop quickly", () => {
    run("for i in $(seq 1000); do :; done");
    const began = performance.now();
    run("for i in $(seq 1000); do :; done");
    expect(performance.now() - began).toBeLessThan(500);
  });
});
