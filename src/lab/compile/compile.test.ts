import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { compileLesson } from "./lesson.ts";
import { CompileError, problemText } from "./problem.ts";
import { compileWorld } from "./world.ts";

const root = join(import.meta.dirname, "../../..");

/** What an author is told. */
function told(compile: () => unknown): string[] {
  try {
    compile();
  } catch (error) {
    if (error instanceof CompileError) return error.problems.map(problemText);
    throw error;
  }
  return [];
}

const WORLD = readFileSync(join(root, "lessons/worlds/ambient-2022.yaml"), "utf8");
const LESSON = readFileSync(join(root, "lessons/ambient-outbound/lesson.md"), "utf8");

function world(text: string): string[] {
  return told(() => compileWorld("w.yaml", "w", text));
}

function lesson(text: string): string[] {
  return told(() => compileLesson("l.md", "l", text));
}

/** The line on which `part` stands. */
function lineOf(text: string, part: string): number {
  return text.slice(0, text.indexOf(part)).split("\n").length;
}

describe("a world file", () => {
  it("that is right compiles", () => {
    expect(world(WORLD)).toEqual([]);
  });

  it("with broken YAML is told of by its line", () => {
    const text = WORLD.replace("seed: 2022", "seed: [2022");
    expect(world(text)[0]).toMatch(/^w\.yaml:\d+: /);
  });

  it("with a wrong value is told of by line, field and what was expected", () => {
    const text = WORLD.replace("ip: 10.4.4.18", "ip: 10.4.4.318");
    const line = lineOf(text, "ip: 10.4.4.318");
    expect(world(text)).toEqual([`w.yaml:${line}: cluster.pods.5.ip: expected an IPv4 address`]);
  });

  it("may have manifests; a wrong field of one is told of by its line", () => {
    const manifests = (field: string) =>
      `${WORLD}  manifests:\n    - apiVersion: v1\n      kind: Service\n      metadata: { name: web }\n      spec:\n        ${field}: [{ port: 80 }]\n`;
    expect(world(manifests("ports"))).toEqual([]);
    const text = manifests("prots");
    expect(world(text)).toEqual([
      `w.yaml:${lineOf(text, "prots")}: cluster.manifests.web: ValidationError(Service.spec): unknown field "prots" in io.k8s.api.core.v1.ServiceSpec`,
    ]);
  });

  it("with an unknown field is told of", () => {
    const text = WORLD.replace("seed: 2022", "seed: 2022\nsede: 1");
    expect(world(text).join()).toMatch(/^w\.yaml:\d+: sede: /);
  });

  it("with a missing field is told of", () => {
    expect(world(WORLD.replace("seed: 2022\n", "")).join()).toContain("seed: missing");
  });

  it("whose pod is on a node that is not there is told of", () => {
    const text = WORLD.replace(
      "node: node-b\n      ip: 10.4.3.20",
      "node: node-x\n      ip: 10.4.3.20",
    );
    const line = lineOf(text, "node-x");
    expect(world(text).join()).toContain(`w.yaml:${line}: `);
    expect(world(text).join()).toContain('there is no node "node-x"');
  });
});

describe("a world file that extends another", () => {
  const OWN = `extends: ambient-2022
title: One more
seed: 7
cluster:
  link: { rate: 100mbit }
  namespaces: [{ name: plain }]
  pods:
    - { name: cron, namespace: plain, node: node-a, ip: 10.4.4.30, app: sleep }
files:
  - { at: node-a, path: /root/note, content: hello }
`;

  it("says only what is different: lists are added to, maps merged, the rest replaced", () => {
    const base = compileWorld("b.yaml", "b", WORLD);
    const made = compileWorld("w.yaml", "w", OWN);
    expect(made).toMatchObject({ name: "w", title: "One more", seed: 7, at: base.at });
    expect(made.summary).toBe(base.summary);
    expect(made.files.map(({ path }) => path)).toEqual(["/root/note"]);
    expect(made.cluster?.link).toEqual({ ...base.cluster?.link, rate: 100e6 });
    expect(made.cluster?.nodes).toEqual(base.cluster?.nodes);
    expect(made.cluster?.pods.slice(0, -1)).toEqual(base.cluster?.pods);
    expect(made.cluster?.pods.at(-1)?.name).toBe("cron");
    expect(made.cluster?.namespaces.map((one) => one.name)).toEqual([
      ...(base.cluster?.namespaces.map((one) => one.name) ?? []),
      "plain",
    ]);
  });

  it("is told of its own mistakes, by its own lines", () => {
    expect(world(OWN.replace("10.4.4.30", "10.4.4.300"))).toEqual([
      "w.yaml:8: cluster.pods.0.ip: expected an IPv4 address",
    ]);
    expect(world(OWN.replace("title: One", "titel: One"))).toEqual([
      "w.yaml:2: titel: unknown field",
    ]);
    expect(world(OWN.replace("10.4.4.30", "10.4.4.19"))).toEqual([
      'w.yaml:8: cluster.pods.cron.ip: the address "10.4.4.19" is used twice',
    ]);
    expect(world("extends: nowhere\n")).toEqual(['w.yaml:1: extends: there is no world "nowhere"']);
  });
});

describe("a lesson file", () => {
  it("that is right compiles", () => {
    expect(lesson(LESSON)).toEqual([]);
  });

  it("without front matter is told of", () => {
    expect(lesson("# hello\n")).toEqual(["l.md:1: expected front matter between two lines ---"]);
  });

  it("with a check of an unknown kind is told of by line and field", () => {
    const text = LESSON.replace(
      '      shown: { at: node-a, text: "--match-set',
      '      seen: { at: node-a, text: "--match-set',
    );
    const line = lineOf(text, "      seen: {") - 1;
    expect(lesson(text).join()).toMatch(
      new RegExp(`^l\\.md:(${line}|${line + 1}): tasks\\.1\\.check`),
    );
    expect(lesson(text).join()).toContain("found seen");
  });

  it("whose wrong turn names no task is told of", () => {
    expect(lesson(LESSON.replace("task: request, says", "task: reqest, says")).join()).toContain(
      'the step has no task "reqest"',
    );
  });

  it("keeps its prose as text: nothing in it becomes HTML", () => {
    const text = LESSON.replace(
      "Send one request, then",
      "Send <img src=x onerror=alert(1)> one request, then",
    );
    const prose = JSON.stringify(compileLesson("l.md", "l", text).steps[0]?.prose);
    expect(prose).toContain("<img src=x onerror=alert(1)>");
    expect(prose).not.toContain('"html"');
  });
});
