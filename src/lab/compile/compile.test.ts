import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
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
    expect(world("extends: router\ncluster: { podCidr: 10.1.0.0/16, mesh: none }\n")).toContain(
      "w.yaml:2: cluster.nodes: missing",
    );
    expect(world("extends: nowhere\n")).toEqual(['w.yaml:1: extends: there is no world "nowhere"']);
  });
});

describe("a lesson file", () => {
  it("that is right compiles", () => {
    expect(lesson(LESSON)).toEqual([]);
  });

  it("may have the line ends of Windows", () => {
    const windows = LESSON.replaceAll("\n", "\r\n");
    expect(compileLesson("l.md", "l", windows)).toEqual(compileLesson("l.md", "l", LESSON));
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
});

describe("an author is told in plain words", () => {
  const made = (block: string) =>
    lesson(
      `---\ntitle: T\nsummary: S\nworld: router\nminutes: 1\n---\n\n## One\n\n\`\`\`yaml step\nat: router\ntasks:\n  - id: a\n    text: A\n${block}\nsolution: [{ at: router, run: x }]\n\`\`\`\n`,
    );
  const LINE = 15;

  it("that a comma has cut a text in two", () => {
    expect(
      made("    choose: [ { text: No, right: true }, { text: It has one, though, say: x } ]"),
    ).toEqual([
      `l.md:${LINE}: tasks.0.choose.1.though: unknown field (a comma in the text? put the text in quotes)`,
    ]);
    expect(made("    choose: [ { text: No, right: true }, { text: It, sya: x } ]")).toEqual([
      `l.md:${LINE}: tasks.0.choose.1.sya: unknown field`,
    ]);
  });

  it("that a colon has, and an asterisk", () => {
    expect(made("    answer: 1\n    hint: Mend it: so")).toEqual([
      `l.md:${LINE + 1}: Nested mappings are not allowed in compact mappings (a colon in the text? put it in quotes)`,
    ]);
    expect(made("    answer: 1\n    hint: *it*")[0]).toBe(
      `l.md:${LINE + 1}: there is no anchor "it*" (a text that begins with * goes in quotes)`,
    );
  });

  it.each([
    ["check: { journey: { protocl: TCP } }", "check.journey.protocl: unknown field"],
    [
      "check: { not: { any: [{ journey: { port: x } }] } }",
      "check.not.any.0.journey.port: expected a number, found text",
    ],
    ["check: 5", "check: expected a map, found a number"],
    ["check: [{ shown: 1 }]", "check: expected a map, found a list"],
    ["check: { shown: { at: r } }", "check.shown.text: missing"],
    ["check: { shown: [r, x] }", "check.shown: expected a map, found a list"],
    ["check: { after: { shown: 1 } }", "check.after: expected a list, found a map"],
    [
      "check: { logged: { of: r, text: { a: b } } }",
      "check.logged.text: expected text or a list, found a map",
    ],
    [
      "check: { journey: { protocol: TPC } }",
      'check.journey.protocol: expected one of TCP, UDP, ICMP, ARP, found "TPC"',
    ],
    [
      "check: { journey: { end: lost } }",
      'check.journey.end: expected one of delivered, dropped, found "lost"',
    ],
    [
      "check: { journey: { crosses: [{ hook: INPT }] } }",
      'check.journey.crosses.0.hook: expected one of PREROUTING, INPUT, FORWARD, OUTPUT, POSTROUTING, found "INPT"',
    ],
    [
      "check: { journey: { crosses: [{ mark: 0x100 }] } }",
      "check.journey.crosses.0.mark: expected text, found a number (put it in quotes)",
    ],
    ["answer: [{ a: b }]", "answer.0: expected text or a number, found a map"],
    ["answer: true", "answer: expected text or a number or a list, found yes or no"],
    ["choose: [[a], b]", "choose.0: expected text or a number or a map, found a list"],
    ["choose: [{ text: a, right: 1 }, b]", "choose.0.right: expected yes or no, found a number"],
    ["choose: [{ text: '', right: true }, b]", "choose.0.text: expected text, found nothing"],
    ["point: { row: 5 }", "point.row: expected text, found a number (put it in quotes)"],
    ["point: { }", "point: expected one of packet, row"],
    ["point: { packet: { vni: 5 } }", "point.packet.vni: unknown field"],
  ])("%s", (yaml, message) => {
    expect(made(`    ${yaml}`)).toEqual([`l.md:${LINE}: tasks.0.${message}`]);
  });

  it("that hints takes a list", () => {
    expect(made("    answer: 1\n    hint: [a, b]")).toEqual([
      `l.md:${LINE + 1}: tasks.0.hint: expected text, found a list (hints takes a list)`,
    ]);
  });

  it("which reasons and topics there are", () => {
    const [told = ""] = made("    check: { journey: { end: dropped, reason: OTHERHOSTS } }");
    expect(told).toContain(
      `l.md:${LINE}: tasks.0.check.journey.reason: expected one of NOT_SPECIFIED, `,
    );
    expect(told).toContain(", OTHERHOST, ");
    expect(told).toMatch(/, found "OTHERHOSTS"$/);
    const drawn = "## One\n\n```yaml figure\ntable: { at: router, topic: rule }\n```\n";
    const head = "---\ntitle: T\nsummary: S\nworld: router\nminutes: 1.5\n---\n";
    expect(lesson(head.replace("1.5", "1") + drawn)).toEqual([
      'l.md:10: table.topic: expected one of rules, routing, connections, sets, sockets, devices, found "rule"',
    ]);
    expect(lesson(head + drawn)).toEqual(["l.md:5: minutes: expected a whole number, found 1.5"]);
    expect(lesson(head.replace("1.5", "0") + drawn)).toEqual([
      "l.md:5: minutes: expected 1 or more, found 0",
    ]);
  });
});

describe("whatever stands in the place of something", () => {
  const WRONG: unknown[] = [null, [], [null], {}, { a: 1 }, 1.5, -1, true, "", "no such"];

  /** The same data, with each of its parts in turn replaced by each wrong value. */
  function* mutants(data: unknown): Generator<unknown> {
    for (const wrong of WRONG) yield wrong;
    if (Array.isArray(data))
      for (const [n, one] of data.entries())
        for (const other of mutants(one)) yield data.with(n, other);
    else if (typeof data === "object" && data !== null)
      for (const [key, one] of Object.entries(data))
        for (const other of mutants(one)) yield { ...data, [key]: other };
  }

  /** What a library would say. */
  const FOREIGN = /Invalid|Expected|received|undefined|null|Object|Array|never|NaN| \| /;

  it("an author is told in plain words, and the engine's own errors never", () => {
    const steps = [...LESSON.matchAll(/```yaml (?:step|predict|figure)\n([\s\S]*?)\n```/g)].slice(
      0,
      3,
    );
    const said = steps.flatMap(([whole, yaml = ""]) =>
      [...mutants(parse(yaml))].flatMap((data) =>
        lesson(LESSON.replace(whole, () => whole.replace(yaml, () => JSON.stringify(data)))),
      ),
    );
    const { cluster, ...rest } = parse(WORLD);
    const small = { ...cluster, pods: cluster.pods.slice(0, 1), manifests: [] };
    for (const data of mutants({ ...rest, cluster: small }))
      said.push(...world(JSON.stringify(data)));
    expect(said.length).toBeGreaterThan(100);
    expect([...new Set(said.filter((one) => FOREIGN.test(one)))]).toEqual([]);
  });
});
