import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { compileLesson } from "../../src/lab/compile/lesson.ts";
import { NoWorld } from "../../src/lab/compile/problem.ts";
import { newLesson } from "../../src/lab/lesson-new.ts";
import { proveLesson } from "../../src/lab/lessons.ts";
import { dawdle, prove } from "../../src/lesson/proof.ts";
import type { LessonSpec } from "../../src/lesson/spec.ts";
import { drawFigure } from "../../src/worker/figure.ts";
import { answerTask, openLesson, play } from "../../src/worker/lesson.ts";
import { WorldSession } from "../../src/worker/session.ts";
import { World } from "../../src/world/world.ts";
import { makeWorld } from "./kit.ts";

const { spec: router } = makeWorld("router", { boot: false });

/** A lesson of one step, from the YAML of its block and its prose. */
function lesson(yaml: string, prose = "Words."): LessonSpec {
  const source = `---\ntitle: T\nsummary: S\nworld: router\nminutes: 1\n---\n\n## One\n\n${prose}\n\n\`\`\`yaml step\n${yaml}\n\`\`\`\n\n## Two\n\n\`\`\`yaml step\nat: router\ntasks: [{ id: b, text: B, check: { shown: { at: router, text: bbb } } }]\nsolution: [{ at: router, run: echo b''bb }]\n\`\`\`\n`;
  return compileLesson("lesson.md", "t", source);
}

async function session(spec: LessonSpec): Promise<WorldSession> {
  const on = new WorldSession(router);
  await openLesson(on, spec);
  return on;
}

const PING = "ip netns exec client ping -c 1 -W 1 10.2.0.10";
const json = (value: unknown): string => JSON.stringify(value);

describe("what a lesson can look at", () => {
  it("takes parts of `after` in their order only", async () => {
    const spec = lesson(
      `at: router\ntasks: [{ id: a, text: A, check: { after: [{ rule: { at: router, table: filter, chain: FORWARD, text: "-p icmp -j DROP" } }, ${json({ journey: { protocol: "ICMP", what: "echo request", end: "dropped" } })}, { rule: { at: router, table: filter, chain: FORWARD, text: "-j DROP", exists: false } }] } }]\nsolution: [{ at: router, run: "${PING}" }]`,
    );
    const on = await session(spec);
    await play(on, "router", PING);
    expect(on.progress()?.wrong.a).toContain("has no rule");
    await play(on, "router", "iptables -A FORWARD -p icmp -j DROP");
    expect(on.progress()?.wrong.a).toContain("there was no packet");
    await play(on, "router", PING);
    expect(on.progress()?.wrong.a).toContain("still has the rule");
    await play(on, "router", "iptables -F FORWARD");
    expect(on.progress()?.passed).toEqual(["0/a"]);
  });

  /** What the proof says of the first step alone. */
  const faults = (spec: LessonSpec): string[] => {
    const one = { ...spec, steps: spec.steps.slice(0, 1) };
    return prove(one, new World(router)).faults.map(({ message }) => message);
  };
  const figure = (yaml: string): string => `\`\`\`yaml figure\n${yaml}\n\`\`\`\n\n`;
  const pinged = `at: router\ntasks: [{ id: a, text: A, answer: 1 }]\nsolution: [{ at: router, run: "${PING}" }]`;

  it("takes parts of `after` that one command does, or one look finds", () => {
    const rule = (exists: boolean): object => ({
      rule: { at: "router", table: "filter", chain: "FORWARD", text: "-p icmp -j DROP", exists },
    });
    const echo = (what: string, end: string | null = null): object => ({
      journey: { protocol: "ICMP", what, end },
    });
    const proof = (after: object[], run: string): string[] =>
      faults(
        lesson(
          `at: router\ntasks: [{ id: a, text: A, check: ${json({ after })} }]\nsolution: [{ at: router, run: ${json(run)} }]`,
        ),
      );
    // What is broken is mended by the same command.
    const dropped = [rule(true), echo("echo request", "dropped"), rule(false)];
    const mended = `iptables -A FORWARD -p icmp -j DROP; sleep 0.2; ${PING}; iptables -F FORWARD`;
    expect(proof(dropped, mended)).toEqual([]);
    expect(proof([...dropped, rule(true)], mended)).toHaveLength(1);
    // A request and its reply are a moment apart.
    const there = [echo("echo request", "delivered"), echo("echo reply", "delivered")];
    expect(proof(there, PING)).toEqual([]);
    expect(proof([...there].reverse(), PING)).toHaveLength(1);
    expect(proof([...there].reverse(), `${PING}; ${PING}`)).toEqual([]);
    expect(proof([{ all: [there[0], echo("echo reply")] }, ...there], `${PING}; ${PING}`)).toEqual(
      [],
    );
  });

  it("asks a command that only looks, and knows how others ended", async () => {
    const spec = lesson(
      `at: router\ntasks:\n  - { id: out, text: A, check: { output: { at: router, run: ip route get 10.2.0.10 mark 1, text: dev spare } } }\n  - { id: end, text: A, check: { status: { at: router, run: ping, equals: 1 } } }\nsolution: [{ at: router, run: "true" }]`,
    );
    const on = await session(spec);
    await play(on, "router", PING);
    expect(on.progress()?.wrong.end).toMatch(/ended with status 0, not 1/);
    expect(on.progress()?.wrong.out).toContain("does not say “dev spare”");
    await play(on, "router", "ip netns exec client ping -c 1 -W 1 10.99.0.1");
    await play(
      on,
      "router",
      "ip route add 10.2.0.10 via 10.3.0.10 dev spare table 7; ip rule add fwmark 1 lookup 7",
    );
    expect(on.progress()?.passed).toEqual(["0/out", "0/end"]);
  });

  it("has its own words for a known wrong turn", async () => {
    const spec = lesson(
      `at: router\ntasks: [{ id: a, text: A, check: { rule: { at: router, table: mangle, chain: PREROUTING, text: MARK } }, nudges: [{ when: { rule: { at: router, table: mangle, chain: POSTROUTING, text: MARK } }, say: That is too late. }] }]\nsolution: [{ at: router, run: "iptables -t mangle -A PREROUTING -j MARK --set-mark 1" }]\nwrong: [{ at: router, run: "iptables -t mangle -A POSTROUTING -j MARK --set-mark 1", task: a, says: too late }]`,
    );
    const two = { ...spec, steps: spec.steps.slice(0, 1) };
    expect(prove(two, new World(router)).faults).toEqual([]);
    const on = await session(spec);
    expect(on.progress()?.wrong.a).toContain("has no rule");
    await play(on, "router", "iptables -t mangle -A POSTROUTING -j MARK --set-mark 1");
    expect(on.progress()?.wrong.a).toBe("That is too late.");
  });

  it("takes answers: typed, chosen, pointed at", async () => {
    const spec = lesson(
      `at: router\ntasks:\n  - { id: typed, text: A, answer: [10.1.0.10, ten] }\n  - { id: chosen, text: A, choose: [east, { text: west, right: true, say: There }, { text: lo, say: "Nothing leaves by lo." }] }\n  - { id: packet, text: A, point: { packet: { protocol: ICMP, what: echo reply } } }\n  - { id: row, text: A, point: { row: "10.2.0.0/24 dev east" } }\nsolution: [{ at: router, run: "${PING}" }]`,
    );
    expect(prove({ ...spec, steps: spec.steps.slice(0, 1) }, new World(router)).faults).toEqual([]);
    const on = await session(spec);
    await play(on, "router", PING);
    expect(answerTask(on, "typed", { text: "nothing" })?.wrong.typed).toBe("“nothing” is not it.");
    answerTask(on, "typed", { text: " “TEN” " });
    expect(answerTask(on, "chosen", { option: 2 })?.wrong.chosen).toBe("Nothing leaves by lo.");
    answerTask(on, "chosen", { option: 1 });
    on.reader.read();
    const story = (what: string): number =>
      [...on.reader.stories.values()].find((one) => one.what.startsWith(what))?.skb ?? 0;
    expect(answerTask(on, "packet", { packet: story("echo request") })?.wrong.packet).toContain(
      "another packet",
    );
    answerTask(on, "packet", { packet: story("echo reply") });
    expect(answerTask(on, "row", { row: "default via 1.2.3.4" })?.wrong.row).toBe(
      "That line is not it.",
    );
    answerTask(on, "row", { row: "10.2.0.0/24 dev east proto kernel scope link src 10.2.0.1" });
    expect(on.progress()?.passed).toEqual(["0/typed", "0/chosen", "0/packet", "0/row"]);
  });

  it("draws figures from the machines", async () => {
    const spec = lesson(
      `at: router\ntasks: [{ id: a, text: A, answer: 1 }]\nsolution: [{ at: router, run: "true" }]`,
      `\`\`\`yaml figure\ntable: { at: router, topic: routing, text: dev east }\ncaption: The routes.\n\`\`\`\n\n\`\`\`yaml figure\njourney: { protocol: ICMP, what: echo request }\n\`\`\`\n\n\`\`\`yaml figure\nheader: { packet: { protocol: ICMP }, device: east }\n\`\`\``,
    );
    const [table, journey, header] = (spec.steps[0]?.prose ?? []).flatMap((block) =>
      block.kind === "figure" ? [block.figure] : [],
    );
    if (!table || !journey || !header) throw new Error("three figures were meant");
    const on = await session(spec);
    expect(drawFigure(on, journey)).toBeNull();
    await play(on, "router", PING);
    expect(json(drawFigure(on, table))).toContain("10.2.0.0/24 dev east");
    const drawn = drawFigure(on, journey);
    expect(drawn?.kind === "journey" && drawn.stops.map((stop) => [stop.in, stop.out])).toEqual([
      ["", "eth0"],
      ["west", "east"],
      ["eth0", ""],
    ]);
    const layers = drawFigure(on, header);
    expect(layers?.kind === "header" && layers.layers.map((one) => one.protocol)).toContain("icmp");
  });

  it("draws the headers of a packet that the device saw, or nothing", async () => {
    const header = (device: string): string =>
      figure(`header: { packet: { protocol: ICMP }, device: ${device} }`);
    const spec = lesson(pinged, header("west") + header("eth0") + header("wets"));
    const drawn = spec.steps[0]?.prose.flatMap((one) =>
      one.kind === "figure" ? [one.figure] : [],
    );
    const on = await session(spec);
    // The reply comes in by east, and never gets to west.
    await play(on, "router", `iptables -A FORWARD -i east -j DROP; ${PING}`);
    const whats = drawn?.map((one) => {
      const view = drawFigure(on, one);
      return view?.kind === "header" ? view.what : null;
    });
    expect(whats).toEqual(["ICMP echo request 1", "ICMP echo reply 1", null]);
  });

  it("draws the headers that a device of one namespace saw", async () => {
    const header = (where: string): string =>
      figure(`header: { packet: { protocol: ICMP }, ${where} }`);
    const wheres = [
      "at: router, namespace: client, device: eth0",
      "at: router, namespace: server, device: eth0",
      "at: router, device: eth0",
      "at: router, device: east",
      "at: router, namespace: cliend, device: eth0",
    ];
    const spec = lesson(pinged, wheres.map(header).join(""));
    const on = await session(spec);
    // The request leaves by east, and never gets to the server; nor does an answer to the client.
    await play(on, "router", `ip -n server link set eth0 down; ${PING}`);
    const whats = spec.steps[0]?.prose.map((one) => {
      const view = one.kind === "figure" ? drawFigure(on, one.figure) : null;
      return view?.kind === "header" ? view.what : null;
    });
    expect(whats).toEqual(["ICMP echo request 1", null, null, null, null]);
    expect(faults(spec)).toEqual([
      'figure 3: router has no device "eth0"; it has lo, west, east, spare',
      'figure 5: router has no network namespace "cliend"; it has client, server',
    ]);
    expect(() => lesson(pinged, header("namespace: client"))).toThrow(
      "header: expected at, the machine that knows the namespace",
    );
  });

  it("proves that each figure draws something, once the step is solved", () => {
    const figures = [
      "table: { at: router, topic: routing, text: dev east }",
      "table: { at: router, topic: routing, text: dev feast }",
      "journey: { protocol: ICMP, what: echo request }",
      "journey: { protocol: TCP }",
      "header: { packet: { protocol: ICMP }, device: west }",
      "header: { packet: { protocol: ICMP }, device: wets }",
    ];
    const blank = (n: number): string => `figure ${n} draws nothing after the solution`;
    expect(faults(lesson(pinged, figures.map(figure).join("")))).toEqual([2, 4, 6].map(blank));
  });

  it("draws tables of a namespace that `ip netns` knows", async () => {
    const table = (namespace: string): string =>
      figure(`table: { at: router, namespace: ${namespace}, topic: routing, text: default }`);
    const spec = lesson(pinged, table("client") + table("cliend"));
    const on = await session(spec);
    const [first] = spec.steps[0]?.prose ?? [];
    const view = first?.kind === "figure" ? drawFigure(on, first.figure) : null;
    expect(json(view)).toContain("default via 10.1.0.1 dev eth0");
    expect(json(view)).toContain("ip netns exec client ip");
    expect(faults(spec)).toEqual([
      'figure 2: router has no network namespace "cliend"; it has client, server',
    ]);
  });

  it("proves that the solution helps after a wrong turn, or that this is a dead end", () => {
    const astray = (run: string, more = ""): string[] =>
      faults(
        lesson(
          `at: router\ntasks: [{ id: a, text: A, check: { journey: { protocol: ICMP, what: echo reply, end: delivered } } }]\nsolution: [{ at: router, run: "${PING}" }]\nwrong: [{ at: router, run: "${run}", task: a, says: no packet${more} }]`,
        ),
      );
    const drops = "iptables -A FORWARD -j DROP";
    expect(astray("ip -br link")).toEqual([]);
    expect(astray(drops)).toEqual([expect.stringContaining("the solution no longer passes")]);
    expect(astray(drops, ", dead: true")).toEqual([]);
    expect(astray("ip -br link", ", dead: true")).toEqual([expect.stringContaining("not `dead`")]);
    // One that is never done is given up, and leaves no trace.
    const forever = "while ! ping -f -c 1000 -W 1 10.9.9.9; do :; done";
    expect(astray(`ip route add 10.9.9.9 dev lo; ${forever}`, ", dead: true")).toEqual([]);
  });

  it("proves that a solution holds for who thinks before each command, too", () => {
    const after = (first: string): string[] => {
      const spec = lesson(
        `at: router\ntasks: [{ id: a, text: A, check: { journey: { protocol: ICMP, what: echo reply, end: delivered } } }]\nsolution: [{ at: router, run: "${first}" }, { at: router, run: "${PING}" }]`,
      );
      expect(prove(spec, new World(router)).faults).toEqual([]);
      return dawdle(spec, new World(router)).map(({ message }) => message);
    };
    expect(after("ip -br link")).toEqual([]);
    expect(after("(sleep 1; iptables -A FORWARD -j DROP) &")).toEqual([
      expect.stringMatching(/^typed with pauses of up to 40 s: does not pass after the solution/),
    ]);
  });

  it("says what is left running, where wrong turns are to be taken back", () => {
    const spec = lesson(
      `at: router\ntasks: [{ id: a, text: A, check: { journey: { protocol: ICMP, what: echo reply, end: delivered } } }]\nsolution: [{ at: router, run: "${PING}; sleep 1000 &" }]\nwrong: [{ at: router, run: "ip -br link", task: a, says: no packet }]`,
    );
    const twice = { ...spec, steps: [...spec.steps.slice(0, 1), ...spec.steps.slice(0, 1)] };
    const { faults: found } = prove(twice, new World(router));
    expect(found).toEqual([
      {
        ...{ step: 1, task: "a" },
        message: expect.stringContaining("router still runs “sleep 1000” when the step begins"),
      },
    ]);
  });

  it("begins at any step, with what the steps before it do", async () => {
    const spec = lesson(
      `at: router\ntasks: [{ id: a, text: A, check: { route: { at: router, table: 7, to: 10.9.0.0/24 } } }]\nsolution: [{ at: router, run: "ip route add 10.9.0.0/24 dev east table 7" }]`,
    );
    const on = new WorldSession(router);
    const progress = await openLesson(on, spec, 1, []);
    expect(progress?.step).toBe(1);
    expect(progress?.passed).toEqual(["0/a"]);
    expect(on.log.entries.some(({ input }) => input.kind === "type")).toBe(true);
    expect(on.world.first.netns.fib.tables.has(7)).toBe(true);
  });

  it("says to its author what is wrong, and where", () => {
    const faulty = (yaml: string, prose = ""): string => {
      try {
        lesson(yaml, prose);
        return "";
      } catch (error) {
        return (error as Error).message;
      }
    };
    const rest = "solution: [{ at: router, run: x }]";
    expect(faulty(`at: router\ntasks: [{ id: a, text: A }]\n${rest}`)).toMatch(
      /lesson\.md:\d+: tasks\.0: expected one of check, answer, choose, point/,
    );
    expect(faulty(`at: router\ntasks: [{ id: a, text: A, choose: [x, y] }]\n${rest}`)).toContain(
      "one of the options must be `right: true`",
    );
    expect(
      faulty(
        `at: router\ntasks: [{ id: a, text: A, answer: 1 }]\n${rest}`,
        "```yaml predict\ntext: P\nchoose: [x, y]\nreveal: z\n```",
      ),
    ).toContain('predict.reveal: the step has no task "z"');
  });
});

it("a new lesson holds as it is made", () => {
  const root = mkdtempSync(join(tmpdir(), "hopscope-new-"));
  try {
    expect(newLesson(root, "made-here")).toBe("lessons/made-here/lesson.md");
    expect(() => newLesson(root, "made-here")).toThrow("is there already");
    expect(() => newLesson(root, "../x")).toThrow("small letters");
    const proof = proveLesson(join(root, "lessons"), "made-here", () => router);
    expect(proof.problems).toEqual([]);
    expect(proof.steps).toBe(2);
  } finally {
    rmSync(root, { recursive: true });
  }
});

it("the proof reads the prose: machines, commands and links are there", () => {
  const root = mkdtempSync(join(tmpdir(), "hopscope-prose-"));
  try {
    newLesson(root, "first");
    const file = join(root, "lessons/first/lesson.md");
    const text = readFileSync(file, "utf8");
    const broken = text
      .replace("ip netns exec client ping -c 1 10.2.0.10\n```", "pingg 10.2.0.10\n```")
      .replace("Break something,", "[There](?lesson=nowhere) [or](?lesson=first&step=9) break,");
    writeFileSync(file, broken);
    const { problems } = proveLesson(join(root, "lessons"), "first", () => router);
    const lineOf = (part: string) => broken.slice(0, broken.indexOf(part)).split("\n").length;
    const at = (part: string, step: string) =>
      `lessons/first/lesson.md:${lineOf(part)}: step ${step}: `;
    expect(problems).toContain(
      `${at("```sh router", "1 “A packet goes through”")}router has no command "pingg"`,
    );
    expect(problems).toContain(
      `${at("[There]", "2 “Now stop it”")}the link "?lesson=nowhere" leads nowhere`,
    );
    expect(problems.join("\n")).toMatch(/"\?lesson=nowhere" leads nowhere/);
    expect(problems.join("\n")).toMatch(/names a step that "first" has not/);
  } finally {
    rmSync(root, { recursive: true });
  }
});

describe("the proof says where", () => {
  const root = mkdtempSync(join(tmpdir(), "hopscope-where-"));
  const lessons = join(root, "lessons");
  afterAll(() => rmSync(root, { recursive: true }));
  newLesson(root, "other");
  newLesson(root, "first");
  const file = join(lessons, "first/lesson.md");
  const whole = readFileSync(file, "utf8");

  /** What is told of the skeleton with a part replaced, and the line on which `part` of the new text stands. */
  function told(from: string, to: string, part = to): { problems: string[]; line: number } {
    const text = whole.replace(from, () => to);
    writeFileSync(file, text);
    const { problems } = proveLesson(lessons, "first", (name) => {
      if (name !== "router") throw new NoWorld(name, ["router"]);
      return router;
    });
    return { problems, line: text.slice(0, text.indexOf(part)).split("\n").length };
  }

  it.each([
    [
      "an answer",
      "answer: FORWARD",
      "answer: []",
      "- id: which",
      "2 “Now stop it”, task which: does not pass after the solution: ",
    ],
    [
      "a wrong turn",
      'says: "only passes"',
      'says: "no such words"',
      '- { at: router, run: "iptables -A INPUT',
      "2 “Now stop it”, task dropped: after “iptables -A INPUT",
    ],
    [
      "a step's machine",
      "at: router\ntasks:\n  - id: request",
      "at: rooter\ntasks:\n  - id: request",
      "at: rooter",
      '1 “A packet goes through”: there is no machine "rooter" in router',
    ],
    [
      "a solution's machine",
      '- { at: router, run: "iptables -A FORWARD',
      '- { at: rooter, run: "iptables -A FORWARD',
      "- { at: rooter",
      '2 “Now stop it”: there is no machine "rooter" in router',
    ],
    [
      "a wrong turn's machine",
      '- { at: router, run: "ping',
      '- { at: rooter, run: "ping',
      "- { at: rooter",
      '1 “A packet goes through”: there is no machine "rooter" in router',
    ],
    [
      "a block's machine",
      "```sh router",
      "```sh rooter",
      "```sh rooter",
      '1 “A packet goes through”: there is no machine "rooter" in router',
    ],
    [
      "a nested block's command",
      "Break something,",
      "- One\n  > two\n  >\n  > ```sh router\n  > pingg\n  > ```\n\nBreak something,",
      "  > ```sh",
      '2 “Now stop it”: router has no command "pingg"',
    ],
    [
      "a nested figure's machine",
      "Break something,",
      "- One\n\n  ```yaml figure\n  table: { at: rooter, topic: rules }\n  ```\n\nBreak something,",
      "  ```yaml figure",
      '2 “Now stop it”: a figure\'s machine "rooter" is not in router',
    ],
    [
      "a figure's machine",
      "journey: { protocol: ICMP, what: echo request }",
      "table: { at: rooter, topic: rules }",
      "```yaml figure",
      '1 “A packet goes through”: a figure\'s machine "rooter" is not in router',
    ],
  ])("%s", (_what, from, to, part, message) => {
    const { problems, line } = told(from, to, part);
    expect(problems[0]).toContain(`lessons/first/lesson.md:${line}: step ${message}`);
  });

  it.each([
    [
      "a paragraph's second line",
      "Break something,",
      "Break\n[it](?lesson=nope)",
      "[it](?lesson=nope)",
    ],
    ["a list's second item", "Break something,", "- One\n- [two](?lesson=nope)\n", "- [two]"],
    [
      "an item's list, in bold",
      "Break something,",
      "- One\n  - **two\n    [three](?lesson=nope)**\n\n",
      "[three]",
    ],
    [
      "a table's cell",
      "Break something,",
      "| A | B |\n|---|---|\n| c | d |\n| e | *[f](?lesson=nope)* |\n\n",
      "| e |",
    ],
    ["a quote", "Break something,", "> [it](?lesson=nope)\n\n", "> [it]"],
    ["a task", "text: Let the router", 'text: "[Let](?lesson=nope) the router', 'text: "[Let]'],
    ["a hint", 'hint: "`iptables', 'hint: "[Let](?lesson=nope) `iptables', 'hint: "[Let]'],
    ["one of hints", "- The server is", "- The [server](?lesson=nope) is", "- The [server]"],
    ["a prediction", "text: By which", 'text: "By [which](?lesson=nope)', 'text: "By [which]'],
    ["an option", "text: east,", 'text: "[east](?lesson=nope)",', '- { text: "[east]'],
  ])("a link of %s that leads nowhere stands", (_where, from, to, part) => {
    const closed = to.startsWith('text: "[Let]') || to.startsWith('text: "By');
    const end = closed ? (whole.slice(whole.indexOf(from) + from.length).split("\n")[0] ?? "") : "";
    const { problems, line } = told(from + end, closed ? `${to}${end}"` : to, part);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(`lessons/first/lesson.md:${line}: step `);
    expect(problems[0]).toContain('the link "?lesson=nope" leads nowhere');
  });

  it("a prediction's task and a step's world", () => {
    const { problems, line } = told("reveal: request", "reveal: reqest");
    expect(problems).toEqual([
      `lessons/first/lesson.md:${line}: predict.reveal: the step has no task "reqest"`,
    ]);
    const world = told("world: router", "world: routr");
    expect(world.problems).toEqual([
      `lessons/first/lesson.md:${world.line}: world: there is no world "routr"; there are: router`,
    ]);
  });

  it("though a lesson that it links to does not compile", () => {
    writeFileSync(join(lessons, "other/lesson.md"), "nothing");
    expect(told("Break something,", "[Break](?lesson=other&step=9) something,").problems).toEqual(
      [],
    );
  });
});

describe("the command", () => {
  const root = mkdtempSync(join(tmpdir(), "hopscope-command-"));
  afterAll(() => rmSync(root, { recursive: true }));
  const lab = (...args: string[]) => {
    const start = join(import.meta.dirname, "../../src/lab/start.mjs");
    const { status, stdout, stderr } = spawnSync(process.execPath, [start, ...args], {
      cwd: root,
      encoding: "utf8",
    });
    return { status, stdout, stderr: stderr.replace(/^lab: building\n/, "") };
  };

  it("proves the lessons that have a world, and says which worlds there are", () => {
    newLesson(root, "first");
    newLesson(root, "second");
    const file = join(root, "lessons/first/lesson.md");
    writeFileSync(file, readFileSync(file, "utf8").replace("world: router", "world: routr"));
    mkdirSync(join(root, "lessons/worlds"));
    writeFileSync(join(root, "lessons/worlds/mine.yaml"), "extends: router\n");
    const { status, stdout, stderr } = lab("lessons", "lessons");
    expect({ status, stderr }).toEqual({ status: 1, stderr: "" });
    expect(stdout).toMatch(
      /\n {2}lessons\/first\/lesson\.md:4: world: there is no world "routr"; there are: .*linux, mine, .*router/,
    );
    expect(stdout).toMatch(/^second: holds/m);
  }, 60_000);

  it("says how a lesson is begun, and nothing else", () => {
    const usage = /^usage: npm run lesson -- new NAME .*\n.*who-answers-arp\n$/;
    const { status, stdout } = lab("lesson", "--help");
    expect({ status, stdout }).toEqual({ status: 0, stdout: expect.stringMatching(usage) });
    expect(lab("lesson", "new")).toEqual({ status: 2, stdout: "", stderr: stdout });
  }, 60_000);
});
