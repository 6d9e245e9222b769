import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Process } from "../../src/host/process.ts";
import { languageOf } from "../../src/shell/language/registry.ts";
import { makeWorld, runAt } from "./kit.ts";
import { WEB } from "./kubectl-kit.ts";

/** While somebody types, a text is mostly half of one: nothing may fall over it. */

const SCRIPT =
  '#!/bin/bash\nfor i in $(seq 3); do\n if [ $i = 2 ]; then echo "$i" | grep x; fi\ndone\ncat <<X\n$i\nX\ncase $1 in a) ;; esac\nf() { return 1; }\n';

const world = makeWorld("ambient");
const machine = world.machine("worker-1");
if (!machine) throw new Error("no worker-1");
const p = new Process(machine, null, ["edit"]);
const rules = runAt(
  world,
  "worker-1",
  "iptables -A INPUT -m conntrack --ctstate NEW -p tcp --dport 80 -m comment --comment 'a b' -j REJECT --reject-with tcp-reset; iptables-save -t filter",
).stdout;

function ask(path: string, text: string, offset: number): void {
  const language = languageOf(path, text);
  language?.complete(p, text, offset);
  language?.hover(p, text, offset);
  language?.preview?.(p, path, text);
  const lines = text.split("\n");
  for (const { line, column, endLine, endColumn } of language?.check(p, path, text) ?? []) {
    expect(line).toBeGreaterThan(0);
    expect(column).toBeGreaterThan(0);
    expect(line).toBeLessThanOrEqual(lines.length);
    expect(endLine > line || endColumn > column).toBe(true);
  }
}

describe("half a text", () => {
  const cases: [string, string][] = [
    ["a.yaml", WEB],
    ["a.v4", rules],
    ["a.sh", SCRIPT],
  ];
  it.each(cases)("from the first letter on: %s", (path, text) => {
    for (let at = 0; at <= text.length; at += 3) ask(path, text.slice(0, at), at);
  });

  it.each(cases)("with something else in it: %s", (path, text) => {
    fc.assert(
      fc.property(fc.nat(text.length), fc.nat(20), fc.string(), (at, gone, put) => {
        ask(path, text.slice(0, at) + put + text.slice(at + gone), at + put.length);
      }),
      { numRuns: 200 },
    );
  });
});
