import { fill } from "../base/words.ts";
import type { JourneyReader } from "../journey/reader.ts";
import type { PacketStory, PacketSummary, Step } from "../journey/story.ts";
import { storyOf } from "../journey/tell.ts";
import type { KubeObject } from "../kube/api/meta.ts";
import type { Pod } from "../kube/api/pod.ts";
import type { LogLine } from "../kube/log.ts";
import type { TableName } from "../net/netfilter/extension.ts";
import type { IpsetTable } from "../net/netfilter/ipset/set.ts";
import { ruleText } from "../net/netfilter/save.ts";
import { peek } from "../shell/peek.ts";
import { Session } from "../shell/session.ts";
import { parsePrefix } from "../wire/address.ts";
import type { World } from "../world/world.ts";
import type { CheckWords } from "./english.ts";
import type { Check, JourneyWant, StepWant } from "./spec.ts";

/** What a check looks at: the world as it is, and what happened since the step began. */
export interface Evidence {
  world: World;
  reader: JourneyReader;
  /** Number of the first trace event of the step. */
  since: number;
  /** What each machine's terminals showed since the step began. */
  shown: ReadonlyMap<string, string>;
  /** Virtual time, ns, at which the step began. */
  began: number;
  /** When parts of an `after` were first seen to hold: the trace's next event, and the time. */
  moments: Map<Check, { since: number; began: number }>;
  /** In which what is wrong is said. */
  say: CheckWords;
}

/** Null when the check holds; else what is wrong, in words that do not say how to mend it. */
export function complaint(check: Check, evidence: Evidence): string | null {
  const { say } = evidence;
  switch (check.kind) {
    case "all":
      for (const part of check.of) {
        const wrong = complaint(part, evidence);
        if (wrong) return wrong;
      }
      return null;
    case "any": {
      const all = check.of.map((part) => complaint(part, evidence));
      return all.includes(null) ? null : (all[0] ?? null);
    }
    case "not":
      return complaint(check.of, evidence) === null
        ? fill(say.not, { what: describe(check.of, say) })
        : null;
    case "after": {
      let now = evidence;
      for (const part of check.of) {
        const seen = evidence.moments.get(part);
        if (!seen) {
          const wrong = complaint(part, now);
          if (wrong) return wrong;
        }
        const moment = seen ?? momentOf(part, now);
        evidence.moments.set(part, moment);
        now = { ...evidence, ...moment };
      }
      return null;
    }
    case "output": {
      const machine = evidence.world.machine(check.at);
      const argv = check.run.split(/\s+/).filter(Boolean);
      const said = machine ? peek(machine, machine.netns, argv) : "";
      return said.includes(check.text) ? null : fill(say.output, check);
    }
    case "status": {
      const machine = evidence.world.machine(check.at);
      const found = [...(machine?.processes.values() ?? [])]
        .filter((one) => one instanceof Session)
        .flatMap((session) => session.ended)
        .filter(({ at, line }) => at >= evidence.began && line.includes(check.run));
      if (found.some(({ status }) => status === check.equals)) return null;
      const last = found.at(-1);
      const { at, equals: wanted } = check;
      return last
        ? fill(say.status, { at, wanted, line: last.line, status: last.status })
        : fill(say.notEnded, check);
    }
    case "logged": {
      const found = logsOf(evidence.world, check.of).some(
        ({ at, text }) => at >= evidence.began && check.text.every((part) => text.includes(part)),
      );
      const text = check.text.reduce((first, second) => fill(say.loggedAnd, { first, second }));
      return found ? null : fill(say.logged, { of: check.of, text });
    }
    case "shown": {
      const machine = evidence.world.machine(check.at);
      const text = evidence.shown.get(machine?.name ?? check.at) ?? "";
      return text.includes(check.text) ? null : fill(say.shown, check);
    }
    case "journey":
      return journeyComplaint(check.want, evidence);
    case "rule": {
      const machine = evidence.world.machine(check.at);
      const table = machine?.netns.netfilter.tables.get(check.table as TableName);
      const chain = table?.byName.get(check.chain);
      const found =
        chain?.rules.some((rule) => ruleText(check.chain, rule).includes(check.text)) ?? false;
      if (found === check.exists) return null;
      return fill(found ? say.hasRule : say.noRule, check);
    }
    case "route": {
      const machine = evidence.world.machine(check.at);
      const prefix = check.to === "default" ? { address: 0, length: 0 } : parsePrefix(check.to);
      const routes = prefix
        ? machine?.netns.fib.tables.get(check.table)?.at(prefix.address, prefix.length)
        : undefined;
      const found = (routes?.length ?? 0) > 0;
      if (found === check.exists) return null;
      return fill(found ? say.hasRoute : say.noRoute, check);
    }
    case "member": {
      const machine = evidence.world.machine(check.at);
      const found = machine ? hasMember(machine.netns.ipsets, check.set, check.entry) : false;
      if (found === check.exists) return null;
      return fill(found ? say.isMember : say.noMember, check);
    }
    case "object": {
      const value = field(evidence.world, check);
      if (value === check.equals) return null;
      const { of, name, field: path } = check;
      const what = { of, name, field: path, wanted: check.equals ?? "", value: value ?? "" };
      if (check.equals === null) return fill(say.fieldIsThere, what);
      return fill(value === null ? say.fieldIsNot : say.fieldIs, what);
    }
  }
}

interface Moment {
  since: number;
  began: number;
}

/** The trace event after the one by which a check that holds came to hold, as far as one can tell now, and its time. */
function momentOf(check: Check, evidence: Evidence): Moment {
  const { trace, now } = evidence.world.sim;
  switch (check.kind) {
    case "journey": {
      const found = findPacket(check.want, evidence, { oldest: true });
      if (!("skb" in found)) break;
      return { since: found.last + 1, began: trace.event(found.last)?.at ?? now };
    }
    case "all":
      return check.of
        .map((part) => momentOf(part, evidence))
        .reduce((a, b) => (b.since > a.since ? b : a));
    case "any":
      return check.of
        .filter((part) => complaint(part, evidence) === null)
        .map((part) => momentOf(part, evidence))
        .reduce((a, b) => (b.since < a.since ? b : a));
  }
  return { since: trace.next, began: now };
}

/** What the containers of a pod, or of all pods of an app, have written. */
function logsOf(world: World, name: string): LogLine[] {
  const { cluster } = world;
  const pods = cluster?.store.list<Pod>("Pod") ?? [];
  return pods
    .filter(({ metadata }) => metadata.name === name || metadata.labels?.app === name)
    .flatMap((pod) =>
      pod.spec.containers.flatMap((one) => cluster?.kubelet?.log(pod, one.name)?.lines ?? []),
    );
}

function describe(check: Check, say: CheckWords): string {
  switch (check.kind) {
    case "journey":
      return wantText(check.want, say);
    case "shown":
      return fill(say.hasShown, check);
    case "output":
      return fill(say.is.output, check);
    case "status":
      return fill(say.is.status, check);
    case "logged":
      return fill(say.is.logged, { of: check.of, text: check.text.join(" … ") });
    case "rule":
      return fill(check.exists ? say.is.rule : say.is.noRule, check);
    case "route":
      return fill(check.exists ? say.is.route : say.is.noRoute, check);
    case "member":
      return fill(check.exists ? say.is.member : say.is.noMember, check);
    case "object": {
      const { equals } = check;
      return equals === null
        ? fill(say.is.noObject, check)
        : fill(say.is.object, { ...check, equals });
    }
    default:
      return say.is[check.kind];
  }
}

function hasMember(sets: IpsetTable, name: string, entry: string): boolean {
  const data = sets.get(name)?.data;
  return data?.members().some((member) => data.elementText(member.element) === entry) ?? false;
}

/** `annotation:KEY`, `label:KEY`, or a field's path (`status.phase`) of a Kubernetes object; null when it is not there. */
function field(
  world: World,
  check: { of: string; name: string; namespace: string; field: string },
): string | null {
  const object = world.cluster?.store
    .list<KubeObject>(check.of)
    .find(
      ({ metadata }) =>
        (metadata.name === check.name || metadata.labels?.app === check.name) &&
        (check.namespace === "" || metadata.namespace === check.namespace),
    );
  if (!object) return null;
  const [head = "", ...rest] = check.field.split(":");
  if (head === "annotation") return object.metadata.annotations?.[rest.join(":")] ?? null;
  if (head === "label") return object.metadata.labels?.[rest.join(":")] ?? null;
  let value: unknown = object;
  for (const key of head.split("."))
    value =
      typeof value === "object" && value ? (value as Record<string, unknown>)[key] : undefined;
  return value === undefined ? null : String(value);
}

function journeyComplaint(want: JourneyWant, evidence: Evidence): string | null {
  const found = findPacket(want, evidence);
  return "skb" in found ? null : found.wrong;
}

/**
 * The newest packet of the step that went such a way, or the oldest; else what is wrong with the nearest.
 * `among`: the packets that are meant.
 */
export function findPacket(
  want: JourneyWant,
  evidence: Pick<Evidence, "reader" | "since" | "say">,
  { oldest = false, among = null }: { oldest?: boolean; among?: Map<number, number> | null } = {},
): PacketStory | { wrong: string } {
  const { say } = evidence;
  evidence.reader.read();
  let found: PacketStory | null = null;
  let nearest: string | null = null;
  let far = -1;
  for (const summary of evidence.reader.stories.values()) {
    if (summary.first < evidence.since || !isMeant(want, summary)) continue;
    if (among && !among.has(summary.skb)) continue;
    const story = storyOf(evidence.reader, summary.skb);
    if (!story) continue;
    const { missing, met } = shortfall(want, story, say);
    if (missing === null) found = story;
    if (found && oldest) break;
    if (missing !== null && met > far) {
      far = met;
      nearest = missing;
    }
  }
  return (
    found ?? {
      wrong: nearest ?? fill(say.noPacket, { what: wantText(want, say) }),
    }
  );
}

/** Null when this packet is one that went such a way; else what it lacks. */
export function packetFits(want: JourneyWant, story: PacketStory, say: CheckWords): string | null {
  if (!isMeant(want, story)) return fill(say.other, { what: wantText(want, say) });
  return shortfall(want, story, say).missing;
}

function isMeant(want: JourneyWant, story: PacketSummary): boolean {
  const { head } = story;
  if (want.protocol !== null && head.protocol !== want.protocol) return false;
  if (want.src !== null && head.src !== want.src) return false;
  if (want.dst !== null && head.dst !== want.dst) return false;
  if (want.port !== null && head.dstPort !== want.port && head.srcPort !== want.port) return false;
  return want.what === null || story.what === want.what || story.what.startsWith(`${want.what} `);
}

/** What a packet of the right kind lacks, and how many of the wanted steps it did meet. */
function shortfall(
  want: JourneyWant,
  story: PacketStory,
  say: CheckWords,
): { missing: string | null; met: number } {
  const steps = story.legs.flatMap((leg) =>
    leg.steps.map((step) => ({ step, namespace: leg.namespace, machine: leg.machine })),
  );
  const { src, dst } = story.head;
  const packet = fill(say.packet, { src, dst, what: story.what });
  const { reason } = story;
  let at = 0;
  let met = 0;
  for (const wanted of want.crosses) {
    const found = steps.findIndex(
      (s, i) => i >= at && stepFits(wanted, s.step, s.namespace, s.machine),
    );
    if (found < 0)
      return { missing: fill(say.short, { packet, step: stepText(wanted, say) }), met };
    at = found + 1;
    met++;
  }
  for (const unwanted of want.avoids)
    if (steps.some((s) => stepFits(unwanted, s.step, s.namespace, s.machine)))
      return { missing: fill(say.still, { packet, step: stepText(unwanted, say) }), met };
  if (want.end === "dropped" && story.end !== "dropped")
    return { missing: fill(say.notDropped, { packet }), met };
  if (want.end === "delivered" && story.end !== "delivered")
    return {
      missing: fill(reason ? say.notDeliveredWhy : say.notDelivered, { packet, reason }),
      met,
    };
  if (want.reason !== null && reason !== want.reason)
    return { missing: fill(say.otherwise, { packet, reason: want.reason }), met };
  return { missing: null, met };
}

function stepFits(want: StepWant, step: Step, namespace: string, machine: string): boolean {
  const f = step.facts;
  if (
    want.namespace !== null &&
    namespace !== want.namespace &&
    !namespace.startsWith(`${want.namespace}-`) &&
    machine !== want.namespace
  )
    return false;
  if (
    want.device !== null &&
    !((step.kind === "in" || step.kind === "out") && f.device === want.device)
  )
    return false;
  if (want.hook !== null && !(step.kind === "hook" && f.hook === want.hook)) return false;
  if (
    want.chain !== null &&
    !((step.kind === "rule" || step.kind === "policy") && f.chain === want.chain)
  )
    return false;
  if (want.in !== null && f.table !== want.in) return false;
  if (want.rule !== null && !(step.kind === "rule" && String(f.text).includes(want.rule)))
    return false;
  if (want.mark !== null && !(step.kind === "mark" && f.mark === want.mark)) return false;
  if (
    want.priority !== null &&
    !(
      step.kind === "iprule" &&
      f.priority === want.priority &&
      (f.outcome === "used" || f.outcome === "goto")
    )
  )
    return false;
  if (want.table !== null && !(step.kind === "route" && f.table === want.table)) return false;
  if (
    want.vni !== null &&
    !((step.kind === "encap" || step.kind === "decap") && f.vni === want.vni)
  )
    return false;
  if (want.nat !== null && !(step.kind === "nat" && f.nat === want.nat)) return false;
  return (
    want.socket === null ||
    ((step.kind === "socket" || step.kind === "tproxy") && step.text.includes(want.socket))
  );
}

/** The fields of a step in the order in which they are told. */
const TOLD = [
  "device",
  "hook",
  "chain",
  "in",
  "rule",
  "mark",
  "priority",
  "table",
  "vni",
  "nat",
  "socket",
  "namespace",
] as const;

function stepText(want: StepWant, say: CheckWords): string {
  const told = TOLD.flatMap((field) => {
    const name = want[field];
    return name === null ? [] : [fill(say.step[field], { name })];
  });
  return told.join(" ");
}

function wantText(want: JourneyWant, { want: say }: CheckWords): string {
  const { src, dst, port } = want;
  const parts = [want.protocol ?? say.any];
  if (want.what) parts.push(want.what);
  if (src) parts.push(fill(say.src, { name: src }));
  if (dst) parts.push(fill(say.dst, { name: dst }));
  if (port !== null) parts.push(fill(say.port, { name: port }));
  return parts.join(" ");
}
