import { marked, type Token, type Tokens } from "marked";
import * as v from "valibot";
import type {
  Ask,
  Block,
  Check,
  FigureSpec,
  Inline,
  JourneyWant,
  LessonSpec,
  StepSpec,
  StepWant,
  TaskSpec,
} from "../../lesson/spec.ts";
import { CompileError } from "./problem.ts";
import { parseYaml } from "./yaml.ts";

const text = v.pipe(v.string(), v.minLength(1));
const optionalText = v.optional(v.nullable(text), null);

const stepWant = v.strictObject({
  namespace: optionalText,
  device: optionalText,
  hook: v.optional(
    v.nullable(v.picklist(["PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"])),
    null,
  ),
  chain: optionalText,
  in: v.optional(v.nullable(v.picklist(["raw", "mangle", "nat", "filter", "security"])), null),
  rule: optionalText,
  mark: v.optional(
    v.nullable(v.pipe(v.string(), v.regex(/^0x[0-9a-f]+$/, "expected a mark, such as 0x100"))),
    null,
  ),
  priority: v.optional(v.nullable(v.number()), null),
  table: v.optional(
    v.nullable(v.pipe(v.union([v.string(), v.number()]), v.transform(String))),
    null,
  ),
  vni: v.optional(v.nullable(v.number()), null),
  nat: v.optional(v.nullable(v.picklist(["SNAT", "DNAT"])), null),
  socket: optionalText,
});

const journey = v.strictObject({
  protocol: v.optional(v.nullable(v.picklist(["TCP", "UDP", "ICMP", "ARP"])), null),
  src: optionalText,
  dst: optionalText,
  port: v.optional(v.nullable(v.number()), null),
  what: optionalText,
  crosses: v.optional(v.array(stepWant), []),
  avoids: v.optional(v.array(stepWant), []),
  end: v.optional(v.nullable(v.picklist(["delivered", "dropped"])), null),
  reason: optionalText,
});

const yes = v.optional(v.boolean(), true);
interface CheckInput {
  [key: string]: unknown;
}

/** One key says what kind of check it is; its value is the rest. */
const check: v.GenericSchema<unknown, Check> = v.pipe(
  v.lazy(() => v.record(v.string(), v.unknown())),
  v.rawTransform(({ dataset, addIssue, NEVER }): Check => {
    const keys = Object.keys(dataset.value as CheckInput);
    const kind = keys[0] ?? "";
    const shape = kinds[kind];
    if (keys.length !== 1 || !shape) {
      addIssue({
        message: `expected one of ${Object.keys(kinds).join(", ")}, found ${keys.join(", ") || "nothing"}`,
      });
      return NEVER;
    }
    const result = v.safeParse(shape, (dataset.value as CheckInput)[kind]);
    if (result.success) return result.output as Check;
    for (const issue of result.issues)
      addIssue({
        message: `${kind}${issue.path ? `.${issue.path.map((p) => String(p.key)).join(".")}` : ""}: ${issue.message}`,
      });
    return NEVER;
  }),
);

const kinds: Record<string, v.GenericSchema> = {
  all: v.pipe(
    v.array(check),
    v.transform((of) => ({ kind: "all", of })),
  ),
  any: v.pipe(
    v.array(check),
    v.transform((of) => ({ kind: "any", of })),
  ),
  not: v.pipe(
    check,
    v.transform((of) => ({ kind: "not", of })),
  ),
  journey: v.pipe(
    journey,
    v.transform((want) => ({
      kind: "journey",
      want: want as JourneyWant & { crosses: StepWant[] },
    })),
  ),
  after: v.pipe(
    v.array(check),
    v.minLength(2, "expected two checks or more"),
    v.transform((of) => ({ kind: "after", of })),
  ),
  output: v.pipe(
    v.strictObject({ at: text, run: text, text }),
    v.transform((o) => ({ kind: "output", ...o })),
  ),
  status: v.pipe(
    v.strictObject({ at: text, run: v.optional(v.string(), ""), equals: v.number() }),
    v.transform((o) => ({ kind: "status", ...o })),
  ),
  logged: v.pipe(
    v.strictObject({
      of: text,
      text: v.union([
        v.array(text),
        v.pipe(
          text,
          v.transform((one) => [one]),
        ),
      ]),
    }),
    v.transform((o) => ({ kind: "logged", ...o })),
  ),
  shown: v.pipe(
    v.strictObject({ at: text, text }),
    v.transform((o) => ({ kind: "shown", ...o })),
  ),
  rule: v.pipe(
    v.strictObject({ at: text, table: text, chain: text, text, exists: yes }),
    v.transform((o) => ({ kind: "rule", ...o })),
  ),
  route: v.pipe(
    v.strictObject({ at: text, table: v.number(), to: text, exists: yes }),
    v.transform((o) => ({ kind: "route", ...o })),
  ),
  member: v.pipe(
    v.strictObject({ at: text, set: text, entry: text, exists: yes }),
    v.transform((o) => ({ kind: "member", ...o })),
  ),
  object: v.pipe(
    v.strictObject({
      of: text,
      name: text,
      namespace: v.optional(v.string(), ""),
      field: text,
      equals: v.nullable(text),
    }),
    v.transform((o) => ({ kind: "object", ...o })),
  ),
};

const command = v.strictObject({ at: text, run: text });

const options = v.pipe(
  v.array(
    v.union([
      v.strictObject({
        text,
        right: v.optional(v.boolean(), false),
        say: v.optional(v.string(), ""),
      }),
      v.pipe(
        v.union([v.string(), v.number()]),
        v.transform((one) => ({ text: String(one), right: false, say: "" })),
      ),
    ]),
  ),
  v.minLength(2, "a choice needs two options or more"),
);
const list = v.optional(
  v.union([
    v.array(text),
    v.pipe(
      text,
      v.transform((one) => [one]),
    ),
  ]),
  [],
);

/** Something to do has `check`; a question has one of `answer`, `choose`, `point`. */
const task = v.pipe(
  v.strictObject({
    id: text,
    text,
    check: v.optional(check),
    answer: v.optional(
      v.union([
        v.pipe(
          v.union([v.string(), v.number()]),
          v.transform((one) => [String(one)]),
        ),
        v.pipe(
          v.array(v.union([v.string(), v.number()])),
          v.transform((all) => all.map(String)),
        ),
      ]),
    ),
    choose: v.optional(options),
    point: v.optional(
      v.union([v.strictObject({ packet: journey }), v.strictObject({ row: text })]),
    ),
    hint: v.optional(v.string(), ""),
    hints: list,
    nudges: v.optional(v.array(v.strictObject({ when: check, say: text })), []),
  }),
  v.check(
    ({ check, answer, choose, point }) =>
      [check, answer, choose, point].filter((one) => one !== undefined).length === 1,
    "expected one of check, answer, choose, point",
  ),
  v.check(
    ({ choose }) => !choose || choose.some(({ right }) => right),
    "one of the options must be `right: true`",
  ),
);

const prediction = v.strictObject({ text, choose: options, reveal: text });

const figure = v.pipe(
  v.strictObject({
    table: v.optional(
      v.strictObject({
        at: text,
        topic: v.picklist(["rules", "routing", "connections", "sets", "sockets", "devices"]),
        text: v.optional(v.string(), ""),
      }),
    ),
    journey: v.optional(journey),
    header: v.optional(v.strictObject({ packet: journey, device: v.optional(v.string(), "") })),
    caption: v.optional(v.string(), ""),
  }),
  v.check(
    ({ table, journey, header }) =>
      [table, journey, header].filter((one) => one !== undefined).length === 1,
    "expected one of table, journey, header",
  ),
);

const stepSchema = v.strictObject({
  at: text,
  tasks: v.pipe(v.array(task), v.minLength(1, "a step needs a task")),
  solution: v.pipe(v.array(command), v.minLength(1, "a step needs its solution")),
  wrong: v.optional(v.array(v.strictObject({ at: text, run: text, task: text, says: text })), []),
});

const front = v.strictObject({
  title: text,
  summary: text,
  world: text,
  minutes: v.pipe(v.number(), v.integer(), v.minValue(1)),
  order: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0)), 1000),
});

/**
 * A lesson: front matter, then a section `## Title` for each step, in it prose and one fenced block
 * "yaml step" with its tasks and its solution.
 */
export function compileLesson(file: string, slug: string, source: string): LessonSpec {
  const head = /^---\n([\s\S]*?)\n---\n/.exec(source);
  if (!head)
    throw new CompileError([
      { file, line: 1, field: "", message: "expected front matter between two lines ---" },
    ]);
  const matter = parseYaml(file, head[1] ?? "", front, 2);
  const body = source.slice(head[0].length);
  const bodyLine = head[0].split("\n").length;
  const steps: StepSpec[] = [];
  let current: {
    title: string;
    line: number;
    prose: Block[];
    data: v.InferOutput<typeof stepSchema> | null;
  } | null = null;
  let line = bodyLine;
  const finish = (): void => {
    if (!current) return;
    if (!current.data)
      throw new CompileError([
        {
          file,
          line: current.line,
          field: current.title,
          message: "expected a block ```yaml step in this section",
        },
      ]);
    const { data } = current;
    const ids = new Set<string>();
    for (const task of data.tasks) {
      if (ids.has(task.id))
        throw new CompileError([
          {
            file,
            line: current.line,
            field: `tasks.${task.id}`,
            message: "two tasks of a step have this id",
          },
        ]);
      ids.add(task.id);
    }
    for (const block of current.prose)
      if (block.kind === "prediction" && !ids.has(block.prediction.reveal))
        throw new CompileError([
          {
            file,
            line: current.line,
            field: "predict.reveal",
            message: `the step has no task "${block.prediction.reveal}"`,
          },
        ]);
    for (const wrong of data.wrong)
      if (!ids.has(wrong.task))
        throw new CompileError([
          {
            file,
            line: current.line,
            field: "wrong.task",
            message: `the step has no task "${wrong.task}"`,
          },
        ]);
    steps.push({
      title: current.title,
      prose: current.prose,
      at: data.at,
      tasks: data.tasks.map(taskOf),
      solution: data.solution,
      wrong: data.wrong,
    });
  };
  for (const token of marked.lexer(body)) {
    if (token.type === "heading" && (token as Tokens.Heading).depth === 2) {
      finish();
      current = { title: (token as Tokens.Heading).text, line, prose: [], data: null };
    } else if (token.type === "code" && (token as Tokens.Code).lang === "yaml step") {
      if (!current)
        throw new CompileError([
          { file, line, field: "", message: "a step's block stands before the first ## heading" },
        ]);
      current.data = parseYaml(file, (token as Tokens.Code).text, stepSchema, line + 1);
    } else if (token.type === "code" && (token as Tokens.Code).lang === "yaml predict" && current) {
      const data = parseYaml(file, (token as Tokens.Code).text, prediction, line + 1);
      const { prose } = current;
      const id = prose.filter(({ kind }) => kind === "prediction").length;
      const choices = data.choose.map((one) => ({ ...one, text: said(one.text) }));
      const { reveal } = data;
      prose.push({
        kind: "prediction",
        prediction: { id, text: said(data.text), options: choices, reveal },
      });
    } else if (token.type === "code" && (token as Tokens.Code).lang === "yaml figure" && current) {
      const {
        caption,
        table,
        journey: want,
        header,
      } = parseYaml(file, (token as Tokens.Code).text, figure, line + 1);
      const drawn: FigureSpec = table
        ? { kind: "table", ...table }
        : header
          ? { kind: "header", want: header.packet, device: header.device }
          : { kind: "journey", want: want as JourneyWant };
      current.prose.push({ kind: "figure", figure: drawn, caption });
    } else if (token.type !== "space" && current) current.prose.push(...block(token));
    else if (token.type !== "space")
      throw new CompileError([
        { file, line, field: "", message: "text before the first ## heading" },
      ]);
    line += token.raw.split("\n").length - 1;
  }
  finish();
  if (steps.length === 0)
    throw new CompileError([
      { file, line: bodyLine, field: "", message: "expected at least one ## step" },
    ]);
  return { slug, ...matter, steps };
}

/** Words with their code and emphasis. */
function said(words: string): Inline[] {
  return inline(marked.lexer(words)[0]);
}

function taskOf(data: v.InferOutput<typeof task>): TaskSpec {
  const { id, answer, choose, point, hint, hints, nudges } = data;
  let ask: Ask | null = null;
  if (answer) ask = { kind: "type", answers: answer };
  else if (choose)
    ask = { kind: "choose", options: choose.map((one) => ({ ...one, text: said(one.text) })) };
  else if (point && "packet" in point) ask = { kind: "packet", want: point.packet };
  else if (point) ask = { kind: "row", text: point.row };
  return {
    id,
    text: said(data.text),
    check: data.check ?? null,
    ask,
    hints: [...(hint ? [hint] : []), ...hints].map(said),
    nudges,
  };
}

function block(token: Token): Block[] {
  switch (token.type) {
    case "paragraph":
      return [{ kind: "paragraph", text: inline(token) }];
    case "code": {
      const code = token as Tokens.Code;
      const at = /^sh (.+)$/.exec(code.lang ?? "")?.[1] ?? null;
      return [{ kind: "code", text: code.text, at }];
    }
    case "list": {
      const list = token as Tokens.List;
      return [
        {
          kind: "list",
          ordered: list.ordered,
          items: list.items.map((item) => inline(item.tokens[0])),
        },
      ];
    }
    case "blockquote":
      return [{ kind: "quote", text: inline((token as Tokens.Blockquote).tokens[0]) }];
    default:
      return [{ kind: "paragraph", text: [{ kind: "text", text: token.raw }] }];
  }
}

/** What a paragraph holds; nothing of it is ever HTML. */
function inline(token: Token | undefined): Inline[] {
  const tokens = (token as { tokens?: Token[] } | undefined)?.tokens ?? [];
  return tokens.map((t): Inline => {
    const plain = decode((t as { text?: string }).text ?? t.raw);
    if (t.type === "codespan") return { kind: "code", text: plain };
    if (t.type === "strong" || t.type === "em") return { kind: t.type, text: plain };
    if (t.type === "link") return { kind: "link", text: plain, href: (t as Tokens.Link).href };
    return { kind: "text", text: decode(t.raw).replace(/\n/g, " ") };
  });
}

function decode(text: string): string {
  return text
    .replace(/&lt;/g, "<")
    .replace(/&gt;/g, ">")
    .replace(/&quot;/g, '"')
    .replace(/&#39;/g, "'")
    .replace(/&amp;/g, "&");
}
