import { describe, expect, it } from "vitest";
import { pod } from "../kind/pod.ts";
import { jsonPatch, PatchError } from "./json-patch.ts";
import { jsonMerge, strategicMerge, threeWay } from "./merge.ts";

const containers = (...list: object[]) => ({ spec: { containers: list } }) as never;

describe("a three-way merge", () => {
  it("sets what is applied, removes what is not applied any more, keeps what others set", () => {
    const merged = threeWay(
      { metadata: { labels: { a: "1", gone: "x" } } },
      { metadata: { labels: { a: "2", fresh: "y" } } },
      { metadata: { labels: { a: "1", gone: "x", others: "z" }, uid: "u" } },
      pod.schema,
    );
    expect(merged).toEqual({ metadata: { labels: { a: "2", fresh: "y", others: "z" }, uid: "u" } });
  });

  it("merges containers by their names", () => {
    const merged = threeWay(
      containers({ name: "a", image: "1" }, { name: "b", image: "1" }),
      containers({ name: "a", image: "2" }),
      containers(
        { name: "a", image: "1", imagePullPolicy: "Always" },
        { name: "b", image: "1" },
        { name: "injected" },
      ),
      pod.schema,
    );
    expect(merged).toEqual(
      containers({ name: "a", image: "2", imagePullPolicy: "Always" }, { name: "injected" }),
    );
  });

  it("replaces lists that have no key, and every list where there is no schema", () => {
    const of = (command: string[]) => containers({ name: "a", command });
    expect(threeWay(of(["x"]), of(["y"]), of(["x", "z"]), pod.schema)).toEqual(of(["y"]));
    const list = (...items: object[]) => ({ list: items }) as never;
    expect(
      threeWay(
        list({ name: "a" }),
        list({ name: "b" }),
        list({ name: "a" }, { name: "c" }),
        undefined,
      ),
    ).toEqual(list({ name: "b" }));
  });
});

describe("patches", () => {
  it("RFC 7386, appendix A", () => {
    expect(jsonMerge({ a: "b", c: { d: "e", f: "g" } }, { a: "z", c: { f: null } })).toEqual({
      a: "z",
      c: { d: "e" },
    });
    expect(jsonMerge({ a: [{ b: "c" }] }, { a: [1] })).toEqual({ a: [1] });
    expect(jsonMerge({ a: "foo" }, { b: { c: null } })).toEqual({ a: "foo", b: {} });
  });

  it("strategic: by merge key, with $patch", () => {
    const live = containers({ name: "a", image: "1" }, { name: "b", image: "1" });
    expect(strategicMerge(live, containers({ name: "b", image: "2" }), pod.schema)).toEqual(
      containers({ name: "a", image: "1" }, { name: "b", image: "2" }),
    );
    expect(strategicMerge(live, containers({ name: "a", $patch: "delete" }), pod.schema)).toEqual(
      containers({ name: "b", image: "1" }),
    );
  });

  it("RFC 6902", () => {
    const live = { a: { b: [1, 2] }, "x/y": 1 } as never;
    const ops = [
      { op: "add", path: "/a/b/1", value: 9 },
      { op: "replace", path: "/x~1y", value: 2 },
      { op: "copy", from: "/a/b", path: "/c" },
      { op: "remove", path: "/a" },
    ];
    expect(jsonPatch(live, ops as never)).toEqual({ "x/y": 2, c: [1, 9, 2] });
    expect(() => jsonPatch(live, [{ op: "test", path: "/x~1y", value: 5 }] as never)).toThrow(
      PatchError,
    );
    expect(() => jsonPatch(live, [{ op: "remove", path: "/no" }] as never)).toThrow(PatchError);
  });
});
