import { describe, expect, it } from "vitest";
import { recorded } from "./recorded.testdata.ts";
import { runToCompletion } from "./script.ts";
import { testMachine } from "./testkit.ts";

describe("scripts print what real bash and real tools print", () => {
  for (const [script, stdout, stderr, status] of recorded)
    it(script.split("\n")[0]?.slice(0, 80) ?? "", () => {
      const machine = testMachine();
      machine.fs.mkdirp("/w");
      machine.fs.writeFile("/w/script.sh", "");
      const got = runToCompletion(machine, `${script}\n`, { cwd: "/w" }, 300_000);
      expect({ ...got, stderr: stderr === null ? null : got.stderr }).toEqual({
        stdout,
        stderr,
        status,
      });
    });
});
