import { describe, expect, it } from "vitest";
import type { PodSpec, Toleration } from "./api/pod.ts";
import { NOT_READY, tolerateAsDaemon, tolerates, UNREACHABLE, untolerated } from "./taints.ts";

const lost = { key: UNREACHABLE, effect: "NoExecute" };

describe("a toleration", () => {
  it.each<[Toleration, boolean]>([
    [{ key: UNREACHABLE, operator: "Exists" }, true],
    [{ key: UNREACHABLE, operator: "Exists", effect: "NoSchedule" }, false],
    [{ operator: "Exists" }, true],
    [{ operator: "Exists", effect: "NoExecute" }, true],
    [{ key: NOT_READY, operator: "Exists" }, false],
    [{ key: UNREACHABLE }, true],
    [{ key: UNREACHABLE, value: "x" }, false],
    // Without a key it must say that it is for all.
    [{ value: "" }, false],
  ])("%j: %s", (toleration, holds) => {
    expect(tolerates(toleration, lost)).toBe(holds);
  });

  it("is asked only about effects that count", () => {
    expect(untolerated([lost], [], ["NoSchedule"])).toEqual([]);
    expect(untolerated([lost], [], ["NoExecute"])).toEqual([lost]);
  });

  it("is what daemons have for all that befalls a node", () => {
    const spec: PodSpec = { containers: [], hostNetwork: true };
    tolerateAsDaemon(spec);
    tolerateAsDaemon(spec);
    expect(spec.tolerations).toHaveLength(7);
    expect(untolerated([lost], spec.tolerations, ["NoExecute"])).toEqual([]);
  });
});
