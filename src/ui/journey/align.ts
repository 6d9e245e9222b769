import type { PacketStory, Step } from "../../journey/story.ts";

/** A step with the namespace that it happened in. */
export interface Placed {
  namespace: string;
  step: Step;
}

/** A line of two stories beside each other; null where one of them has nothing like it. */
export interface Row {
  left: Placed | null;
  right: Placed | null;
}

/** Ports that a kernel chooses differ from one run to the next (net.ipv4.ip_local_port_range). */
const EPHEMERAL = /:(3276[89]|327[7-9]\d|32[89]\d\d|3[3-9]\d{3}|[45]\d{4}|60\d{3})\b/g;

function stepsOf(story: PacketStory): Placed[] {
  return story.legs.flatMap(({ namespace, steps }) => steps.map((step) => ({ namespace, step })));
}

/** What a line says: at a hook with the marks that the packet has there. */
export function words({ step }: Placed): string {
  const marks = (["mark", "connmark"] as const)
    .filter((name) => step.kind === "hook" && (step.facts[name] ?? "0x0") !== "0x0")
    .map((name) => `, ${name} ${step.facts[name]}`);
  return step.text + marks.join("");
}

/** Two steps are the same when they say the same, but for what is new in every run. */
function key(placed: Placed): string {
  const { namespace, step } = placed;
  return `${namespace} ${step.kind} ${words(placed).replace(EPHEMERAL, ":*")}`;
}

/** The longest common subsequence of two stories' steps, and between them what only one has. */
export function align(story: PacketStory, other: PacketStory | null): Row[] {
  const left = stepsOf(story);
  if (!other) return left.map((one) => ({ left: one, right: null }));
  const right = stepsOf(other);
  const [a, b] = [left.map(key), right.map(key)];
  const width = b.length + 1;
  const common = new Uint16Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      common[i * width + j] =
        a[i] === b[j]
          ? (common[(i + 1) * width + j + 1] ?? 0) + 1
          : Math.max(common[(i + 1) * width + j] ?? 0, common[i * width + j + 1] ?? 0);
  const rows: Row[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j])
      rows.push({ left: left[i++] ?? null, right: right[j++] ?? null });
    else if (
      j >= b.length ||
      (i < a.length && (common[(i + 1) * width + j] ?? 0) >= (common[i * width + j + 1] ?? 0))
    )
      rows.push({ left: left[i++] ?? null, right: null });
    else rows.push({ left: null, right: right[j++] ?? null });
  }
  return rows;
}

/** The first line on which they part; -1 when they do not. */
export function parting(rows: readonly Row[]): number {
  return rows.findIndex(({ left, right }) => left === null || right === null);
}
