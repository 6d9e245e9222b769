import { describe, expect, it } from "vitest";
import type { KubeObject } from "../../../../kube/api/meta.ts";
import { kindKey } from "../../../../kube/objects.ts";
import { parseManifests } from "../../../../kube/text/manifest.ts";
import { Analysis, originOf, type Resource, sorted } from "./analysis.ts";
import { analyzers } from "./analyzers.ts";

/** An analysis of manifests, as if they were in a cluster. */
function analysisOf(text: string, today = true): Analysis {
  const all = new Map<string, Resource[]>();
  for (const one of parseManifests(text, "example")) {
    const object = one as unknown as KubeObject;
    const key = kindKey(object.apiVersion, object.kind);
    all.set(key, [...(all.get(key) ?? []), { object, position: null }]);
  }
  return new Analysis(all, "istio-system", today);
}

function says(analysis: Analysis): string[] {
  return sorted(analysis.messages).map(
    (one) => `${one.type.level} [${one.type.code}]${originOf(one)} ${one.text}`,
  );
}

describe("analyzers", () => {
  for (const analyzer of analyzers)
    it(`${analyzer.name} says what its examples say`, () => {
      expect(analyzer.examples.length).toBeGreaterThan(0);
      for (const { objects, says: expected } of analyzer.examples) {
        const analysis = analysisOf(objects);
        analyzer.analyze(analysis);
        expect(says(analysis)).toEqual(expected);
      }
    });

  it("have names of their own", () => {
    expect(new Set(analyzers.map(({ name }) => name)).size).toBe(analyzers.length);
  });

  it("the preview's knew nothing of ambient mode", () => {
    const injection = analyzers.find(({ name }) => name === "injection.Analyzer");
    const analysis = analysisOf(
      "apiVersion: v1\nkind: Namespace\nmetadata: {name: default, labels: {istio.io/dataplane-mode: ambient}}\n",
      false,
    );
    injection?.analyze(analysis);
    expect(says(analysis)[0]).toMatch(/^Info \[IST0102\] \(Namespace default\)/);
  });
});
