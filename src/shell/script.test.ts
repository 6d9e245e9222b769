import { describe, expect, it } from "vitest";
import { SEC } from "../sim/sim.ts";
import { ShellExec } from "./exec.ts";
import { runToCompletion } from "./script.ts";
import { testMachine } from "./testkit.ts";

const run = (text: string) => runToCompletion(testMachine(), text);

describe("a script", () => {
  it("ends a writer whose reader is gone, at once and without a word", () => {
    const { stdout, stderr, status } = run("seq 1 1000000000 | grep -m 2 .; echo $PIPESTATUS");
    expect({ stdout, stderr, status }).toEqual({ stdout: "1\n2\n141\n", stderr: "", status: 0 });
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

  it("runs a program thousands of times without taking long", () => {
    const machine = testMachine();
    runToCompletion(machine, "i=0; while ((i++ < 500)); do uname; done");
    const began = performance.now();
    runToCompletion(machine, "i=0; while ((i++ < 1000)); do uname; done");
    // 50 us each on an idle machine; the limit allows for a busy one.
    expect(performance.now() - began).toBeLessThan(1000);
  });

  it("reads and writes the kernel's switches through /proc/sys", () => {
    const { stdout, stderr } = run(
      "sysctl -w net.ipv4.ip_forward=1; cat /proc/sys/net/ipv4/ip_forward; echo 0 > /proc/sys/net/ipv4/ip_forward; sysctl -n net.ipv4.ip_forward; sysctl net.foo",
    );
    expect(stdout).toBe("net.ipv4.ip_forward = 1\n1\n0\n");
    expect(stderr).toBe("sysctl: cannot stat /proc/sys/net/foo: No such file or directory\n");
  });

  it("is run for agents by Exec, which is told how it ended", () => {
    const machine = testMachine();
    const heard: unknown[] = [];
    const agent = { wake: (reason: string, arg: unknown) => heard.push([reason, arg]) };
    new ShellExec().start(machine, "echo out; echo err >&2; exit 3", agent, "done");
    machine.sim.runUntil(SEC);
    expect(heard).toEqual([["done", { status: 3, stdout: "out\n", stderr: "err\n" }]]);
  });
});
