import names from "virtual:commands";
import type { LessonSpec } from "../lesson/spec.ts";
import { LATER_MATCHES, LATER_TARGETS, MORE_PART } from "../net/netfilter/later.ts";
import type { Command } from "../shell/command.ts";
import { GRAMMAR, isPlain } from "../shell/plain.ts";
import { installCommands, installNames } from "../shell/registry.ts";
import { Absent, arrive } from "../sim/part.ts";
import type { WorldSpec } from "../world/spec.ts";

/*
 * The engine's code in the parts that it is loaded in. What a world needs to start is known from its file;
 * everything else is loaded when it is first used (sim/part.ts: the world stands still meanwhile).
 */

// Every command is known by its name before its code comes.
installNames(names);

/** The commands of a part, once they are there. */
type Commands = Promise<{ commands: readonly Command[] }>;
type Rooms = Promise<{ install(): void }>;

const COMMANDS: Record<string, () => Commands> = {
  core: () => import("../shell/part/core.ts"),
  condition: () => import("../shell/part/condition.ts"),
  files: () => import("../shell/part/files.ts"),
  text: () => import("../shell/part/text.ts"),
  process: () => import("../shell/part/process.ts"),
  ip: () => import("../shell/part/ip.ts"),
  ping: () => import("../shell/part/ping.ts"),
  link: () => import("../shell/part/link.ts"),
  conntrack: () => import("../shell/part/conntrack.ts"),
  ipset: () => import("../shell/part/ipset.ts"),
  netfilter: () => import("../shell/part/netfilter.ts"),
  sockets: () => import("../shell/part/sockets.ts"),
  curl: () => import("../shell/part/curl.ts"),
  openssl: () => import("../shell/part/openssl.ts"),
  kubectl: () => import("../shell/part/kubectl.ts"),
  istioctl: () => import("../shell/part/istioctl.ts"),
};

const ROOMS: Record<string, () => Rooms> = {
  [GRAMMAR]: () => import("../world/part/grammar.ts"),
  builtins: () => import("../world/part/builtins.ts"),
  "ip-more": () => import("../world/part/ip-more.ts"),
  names: () => import("../world/part/names.ts"),
  netfilter: () => import("../world/part/netfilter.ts"),
  [MORE_PART]: () => import("../world/part/netfilter-more.ts"),
  tcp: () => import("../world/part/tcp.ts"),
  cluster: () => import("../world/part/cluster.ts"),
  "network-policy": () => import("../world/part/network-policy.ts"),
  mesh: () => import("../world/part/mesh.ts"),
  "mesh-preview": () => import("../world/part/mesh-preview.ts"),
  "mesh-today": () => import("../world/part/mesh-today.ts"),
  spire: () => import("../world/part/spire.ts"),
};

const coming = new Map<string, Promise<void>>();

async function bring(part: string): Promise<void> {
  const room = ROOMS[part]?.();
  const commands = COMMANDS[part]?.();
  (await room)?.install();
  installCommands((await commands)?.commands ?? []);
  arrive(part);
}

function load(part: string): Promise<void> {
  let found = coming.get(part);
  if (!found) {
    found = bring(part);
    // Asked for again, it is tried again.
    found.catch(() => coming.delete(part));
    coming.set(part, found);
  }
  return found;
}

/** Load what has not come yet of these parts. Rejects when one cannot be had. */
export async function need(parts: Iterable<string>): Promise<void> {
  await Promise.all([...parts].map(load));
}

export async function needAll(): Promise<void> {
  await need([...Object.keys(ROOMS), ...Object.keys(COMMANDS)]);
}

/** Look at something, and again when it needed a part that had not come. */
export async function looking<T>(look: () => T): Promise<T> {
  for (;;)
    try {
      return look();
    } catch (error) {
      if (!(error instanceof Absent)) throw error;
      await need([error.part]);
    }
}

const LATER_BUILTIN =
  /(?:^|[;&|({]|\b(?:do|then|else|!))\s*(?:set|shopt|read|trap|wait|type|printf)\b/m;
const LATER_OBJECT = /\bip\b.*\s(?:ru|rule|n|nei\w*|mo\w*)\b/;
const LATER_EXTENSION = new RegExp(
  `-[mj] (?:${[...LATER_MATCHES, ...LATER_TARGETS].join("|")})\\b`,
);

/** Parts of the commands whose names are words of these texts: in scripts, most of what they need. */
function partsNamed(texts: readonly string[]): string[] {
  const words = new Set(texts.flatMap((text) => text.split(/[^\w.[-]+/)));
  const named = names.filter(({ name, aliases = [] }) =>
    [name, ...aliases].some((one) => words.has(one)),
  );
  const parts = named.map(({ part }) => part).filter((part) => part in COMMANDS);
  if (!texts.every(isPlain)) parts.push(GRAMMAR);
  if (texts.some((text) => LATER_BUILTIN.test(text))) parts.push("builtins");
  if (texts.some((text) => LATER_OBJECT.test(text))) parts.push("ip-more");
  if (texts.some((text) => LATER_EXTENSION.test(text))) parts.push(MORE_PART);
  return [...new Set(parts)];
}

/** Parts without which a world cannot start. */
export function partsOf({ cluster, scripts }: WorldSpec): string[] {
  const parts = partsNamed(scripts.map(({ run }) => run));
  if (!cluster) return parts;
  parts.push("cluster", ...partsNamed(cluster.nodes.map(({ startup }) => startup)));
  // What kube-proxy and the network's agents run on the nodes.
  parts.push("ip", "netfilter");
  if (cluster.mesh !== "none") parts.push("mesh", "ip-more", "ipset");
  if (cluster.mesh === "ambient-geneve") parts.push("mesh-preview", "core");
  if (cluster.mesh === "ambient-inpod") parts.push("mesh-today");
  const apps = new Set(cluster.pods.map(({ app }) => app));
  if (apps.has("kube-router")) parts.push("network-policy", "ipset", MORE_PART);
  if (apps.has("spire-server")) parts.push("spire");
  if (cluster.manifests.length) parts.push("kubectl");
  return [...new Set(parts)];
}

/** Parts that the checks of a lesson look with. */
export function partsOfLesson(spec: LessonSpec): string[] {
  const runs: string[] = [];
  const visit = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    if ("kind" in value && value.kind === "output" && "run" in value) runs.push(String(value.run));
    for (const one of Object.values(value)) visit(one);
  };
  visit(spec.steps);
  return partsNamed(runs);
}
