import * as v from "valibot";
import type { Check, JourneyWant, StepWant } from "../../lesson/spec.ts";
import { DROP_REASONS } from "../../net/drop.ts";
import { byKind, expected, kindOf, refused } from "./issues.ts";

/* What stands in a lesson's YAML: its front matter, its steps, predictions and figures. */

const text = v.pipe(v.string(), v.minLength(1));
const optionalText = v.optional(v.nullable(text), null);
const number = v.pipe(v.number(), v.transform(String));
/** Text, or a number that is meant as one. */
const textOrNumber = byKind<string>({ text: v.string(), number });
/** One text, or several. */
const texts = byKind<string[]>({
  text: v.pipe(
    text,
    v.transform((one) => [one]),
  ),
  list: v.array(text),
});

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
  table: v.optional(v.nullable(textOrNumber), null),
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
  reason: v.optional(v.nullable(v.picklist(DROP_REASONS)), null),
});

const yes = v.optional(v.boolean(), true);

/** One key says what kind of check it is; its value is the rest. */
const check: v.GenericSchema<unknown, Check> = v.lazy((value): v.GenericSchema<unknown, Check> => {
  if (kindOf(value) !== "map") return refused(expected("a map", value));
  const keys = Object.keys(value as object);
  const [kind = ""] = keys;
  const shape = Object.hasOwn(kinds, kind) ? kinds[kind] : undefined;
  if (keys.length !== 1 || !shape)
    return refused(
      `expected one of ${Object.keys(kinds).join(", ")}, found ${keys.join(", ") || "nothing"}`,
    );
  return v.pipe(
    v.strictObject({ [kind]: shape }),
    v.transform((all) => all[kind] as Check),
  );
});

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
      text: texts,
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

interface OptionInput {
  text: string;
  right: boolean;
  say: string;
}
const plainOption = (of: v.GenericSchema<unknown, string>) =>
  v.pipe(
    of,
    v.transform((one): OptionInput => ({ text: one, right: false, say: "" })),
  );
const options = v.pipe(
  v.array(
    byKind<OptionInput>({
      text: plainOption(text),
      number: plainOption(number),
      map: v.strictObject({
        text,
        right: v.optional(v.boolean(), false),
        say: v.optional(v.string(), ""),
      }),
    }),
  ),
  v.minLength(2, "a choice needs two options or more"),
);
const list = v.optional(texts, []);
const hint = v.string(
  ({ input }) =>
    `${expected("text", input)}${kindOf(input) === "list" ? " (hints takes a list)" : ""}`,
);

const point = v.pipe(
  v.strictObject({ packet: v.optional(journey), row: v.optional(text) }),
  v.check(
    ({ packet, row }) => (packet === undefined) !== (row === undefined),
    "expected one of packet, row",
  ),
  v.transform(({ packet, row = "" }) => (packet ? { packet } : { row })),
);

/** Something to do has `check`; a question has one of `answer`, `choose`, `point`. */
export const task = v.pipe(
  v.strictObject({
    id: text,
    text,
    check: v.optional(check),
    answer: v.optional(
      byKind<string[]>({
        text: v.pipe(
          v.string(),
          v.transform((one) => [one]),
        ),
        number: v.pipe(
          number,
          v.transform((one) => [one]),
        ),
        list: v.array(textOrNumber),
      }),
    ),
    choose: v.optional(options),
    point: v.optional(point),
    hint: v.optional(hint, ""),
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

export const prediction = v.strictObject({ text, choose: options, reveal: text });

/** A namespace: the machine's own, or one that `ip netns` knows there. */
const place = { at: text, namespace: v.optional(v.string(), "") };

export const figure = v.pipe(
  v.strictObject({
    table: v.optional(
      v.strictObject({
        ...place,
        topic: v.picklist(["rules", "routing", "connections", "sets", "sockets", "devices"]),
        text: v.optional(v.string(), ""),
      }),
    ),
    journey: v.optional(journey),
    header: v.optional(
      v.pipe(
        v.strictObject({
          ...place,
          at: v.optional(v.string(), ""),
          packet: journey,
          device: v.optional(v.string(), ""),
        }),
        v.check(
          ({ at, namespace }) => at !== "" || namespace === "",
          "expected at, the machine that knows the namespace",
        ),
      ),
    ),
    caption: v.optional(v.string(), ""),
  }),
  v.check(
    ({ table, journey, header }) =>
      [table, journey, header].filter((one) => one !== undefined).length === 1,
    "expected one of table, journey, header",
  ),
);

export const step = v.strictObject({
  at: text,
  tasks: v.pipe(v.array(task), v.minLength(1, "a step needs a task")),
  solution: v.pipe(v.array(command), v.minLength(1, "a step needs its solution")),
  wrong: v.optional(
    v.array(
      v.strictObject({
        at: text,
        run: text,
        task: text,
        says: text,
        dead: v.optional(v.boolean(), false),
      }),
    ),
    [],
  ),
});

export const front = v.strictObject({
  title: text,
  summary: text,
  world: text,
  minutes: v.pipe(v.number(), v.integer(), v.minValue(1)),
  order: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0)), 1000),
});
