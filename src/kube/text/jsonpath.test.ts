import { describe, expect, it } from "vitest";
import { JsonPath, JsonPathError, relaxedPath } from "./jsonpath.ts";

const LIST = {
  kind: "List",
  items: [
    { metadata: { name: "a", labels: { "istio.io/dataplane-mode": "ambient" } }, n: 1, up: true },
    { metadata: { name: "b" }, n: 2, up: false, parts: [{ x: 1 }, { x: 2 }] },
  ],
};

/** kubernetes.io/docs/reference/kubectl/jsonpath, its examples among them. */
describe("JSONPath", () => {
  it.each([
    ["{.kind}", "List"],
    ["{['kind']}", "List"],
    ["{.items[*].metadata.name}", "a b"],
    ["{.items[1].metadata.name}", "b"],
    ["{.items[-1:].metadata.name}", "b"],
    ["{.items[0:2].n}", "1 2"],
    ["{.items[0,1].n}", "1 2"],
    ["{..x}", "1 2"],
    ["{.items[*]['metadata.name','n']}", "1 2"],
    ['{.items[?(@.metadata.name=="b")].n}', "2"],
    ["{.items[?(@.n>1)].metadata.name}", "b"],
    ["{.items[?(@.parts)].metadata.name}", "b"],
    ["{.items[0].metadata.labels.istio\\.io/dataplane-mode}", "ambient"],
    ['{range .items[*]}{.metadata.name}{"\\t"}{.n}{"\\n"}{end}', "a\t1\nb\t2\n"],
    ["kind is {.kind}!", "kind is List!"],
    ["{.items[1].parts}", '[{"x":1},{"x":2}]'],
    ["{.nothing.here}", ""],
  ])("%s", (template, text) => {
    expect(new JsonPath(template).print(LIST)).toBe(text);
  });

  it.each(["{.a", "{range .items[*]}x", "{.items[x]}", "{end}", "{.a}}{"])(
    "%s is refused",
    (template) => {
      expect(() => new JsonPath(template)).toThrow(JsonPathError);
    },
  );

  it("outside of a list there is an error, not nothing", () => {
    expect(() => new JsonPath("{.items[7]}").print(LIST)).toThrow(
      "array index out of bounds: index 7, length 2",
    );
  });

  it("may be written shorter in options", () => {
    expect(["a.b", ".a.b", "{a.b}", "{.a.b}"].map(relaxedPath)).toEqual(Array(4).fill("{.a.b}"));
  });
});
