import { goSeconds } from "../../base/go-duration.ts";
import type { Machine } from "../../host/machine.ts";
import type { KubeObject, LabelSelector } from "../../kube/api/meta.ts";
import type { Pod } from "../../kube/api/pod.ts";
import { matchesSelector } from "../../kube/objects.ts";
import type { Store } from "../../kube/store.ts";
import { MSEC, SEC, type Timer, type Wakeable } from "../../sim/sim.ts";
import { logLine, type Output } from "../log.ts";
import { type Entry, parseSpiffeId, type Selector, spiffeIdText } from "./messages.ts";
import { SERVER_SOCKET, SpireServer } from "./server.ts";

const KIND = "ClusterSPIFFEID.spire.spiffe.io";
/** gcInterval: it looks again although nobody told it to. */
const GC_INTERVAL = 10 * SEC;
/** Several changes are looked at at once. */
const DEBOUNCE = 10 * MSEC;

interface ClusterSpiffeId extends KubeObject {
  spec: {
    spiffeIDTemplate: string;
    namespaceSelector?: LabelSelector;
    podSelector?: LabelSelector;
    workloadSelectorTemplates?: string[];
    ttl?: string;
  };
  status?: object;
}

export interface ControllerManagerConfig {
  machine: Machine;
  store: Store;
  output: Output;
  trustDomain: string;
  clusterName: string;
  clusterDomain: string;
  ignoreNamespaces: readonly string[];
}

/** An entry that an object asks for: without an id yet. */
type Wanted = Omit<Entry, "id" | "revisionNumber">;

function keyOf({ spiffeId, parentId, selectors }: Wanted): string {
  const list = selectors.map(({ type, value }) => `${type}:${value}`).sort();
  return [spiffeIdText(spiffeId), spiffeIdText(parentId), ...list].join(" ");
}

/** Go's templates, of which only fields of the data are known: "{{ .PodMeta.Namespace }}". */
function render(template: string, data: object): string | null {
  let failed = false;
  const text = template.replace(/\{\{-?\s*((?:\.[A-Za-z]+)+)\s*-?\}\}/g, (_all, path: string) => {
    let value: unknown = data;
    for (const name of path.split(".").slice(1))
      value = (value as Record<string, unknown> | undefined)?.[name];
    failed ||= typeof value !== "string";
    return String(value);
  });
  return failed || text.includes("{{") ? null : text;
}

/** Go's field names of what templates may name. */
function goNames(object: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(object).map(([name, value]) => [
      name === "uid" ? "UID" : name[0]?.toUpperCase() + name.slice(1),
      value,
    ]),
  );
}

/**
 * Makes a registration entry of each pod that a ClusterSPIFFEID selects, beside the server and through
 * its socket (spiffe/spire-controller-manager: pkg/spireentry/reconciler.go).
 */
export class ControllerManager implements Wakeable {
  config: ControllerManagerConfig;
  timer: Timer | null = null;
  ticker: Timer | null = null;
  numbers = 0;

  constructor(config: ControllerManagerConfig) {
    this.config = config;
    for (const kind of [KIND, "Pod", "Namespace", "Node"]) config.store.watch(kind, this);
    this.tick();
  }

  tick(): void {
    this.ticker = this.config.machine.sim.after(GC_INTERVAL, this, "tick");
    this.soon();
  }

  soon(): void {
    this.timer ??= this.config.machine.sim.after(DEBOUNCE, this, "reconcile");
  }

  wake(reason: string): void {
    if (reason === "watch") return this.soon();
    if (reason === "tick") return this.tick();
    this.timer = null;
    this.reconcile();
  }

  reconcile(): void {
    const server = this.config.machine.unixSockets.get(SERVER_SOCKET);
    if (!(server instanceof SpireServer)) return;
    const { store } = this.config;
    const wanted = new Map<string, Wanted>();
    for (const object of store.list<ClusterSpiffeId>(KIND)) this.declare(object, wanted);
    for (const entry of [...server.entries.values()]) {
      const key = keyOf(entry);
      const next = wanted.get(key);
      wanted.delete(key);
      if (!next) {
        server.entries.delete(entry.id);
        this.log("Deleted entry", entry);
      } else if (next.x509SvidTtl !== entry.x509SvidTtl) {
        const revisionNumber = entry.revisionNumber + 1n;
        server.entries.set(entry.id, { ...next, id: entry.id, revisionNumber });
        this.log("Updated entry", entry);
      }
    }
    for (const one of wanted.values()) {
      const id = store.uid();
      server.entries.set(id, { ...one, id, revisionNumber: 0n });
      this.log("Created entry", { ...one, id, revisionNumber: 0n });
    }
  }

  declare(object: ClusterSpiffeId, wanted: Map<string, Wanted>): void {
    const { store, ignoreNamespaces } = this.config;
    const { namespaceSelector = {}, podSelector = {} } = object.spec;
    const stats = {
      namespacesSelected: 0,
      namespacesIgnored: 0,
      podsSelected: 0,
      podEntryRenderFailures: 0,
      entriesMasked: 0,
      entriesToSet: 0,
      entryFailures: 0,
    };
    for (const { metadata } of store.list("Namespace")) {
      if (!matchesSelector(namespaceSelector, metadata.labels)) continue;
      stats.namespacesSelected++;
      if (ignoreNamespaces.includes(metadata.name)) {
        stats.namespacesIgnored++;
        continue;
      }
      for (const pod of store.list("Pod", metadata.name)) {
        if (!matchesSelector(podSelector, pod.metadata.labels)) continue;
        stats.podsSelected++;
        if (!store.get("Node", pod.spec.nodeName ?? "")) continue;
        const entry = this.entryOf(object, pod);
        const key = entry ? keyOf(entry) : "";
        if (!entry) stats.podEntryRenderFailures++;
        else if (wanted.has(key)) stats.entriesMasked++;
        else {
          wanted.set(key, entry);
          stats.entriesToSet++;
        }
      }
    }
    if (JSON.stringify(object.status) !== JSON.stringify({ stats }))
      store.edit(object, (copy) => {
        copy.status = { stats };
      });
  }

  entryOf({ spec }: ClusterSpiffeId, pod: Pod): Wanted | null {
    const { store, trustDomain, clusterName, clusterDomain } = this.config;
    const node = store.get("Node", pod.spec.nodeName ?? "");
    if (!node) return null;
    const data = {
      TrustDomain: trustDomain,
      ClusterName: clusterName,
      ClusterDomain: clusterDomain,
      PodMeta: goNames(pod.metadata),
      PodSpec: goNames({ serviceAccountName: "default", ...pod.spec }),
      NodeMeta: goNames(node.metadata),
      NodeSpec: goNames(node.spec),
    };
    const spiffeId = parseSpiffeId(render(spec.spiffeIDTemplate, data) ?? "");
    if (spiffeId?.trustDomain !== trustDomain) return null;
    const selectors: Selector[] = [{ type: "k8s", value: `pod-uid:${pod.metadata.uid}` }];
    for (const template of spec.workloadSelectorTemplates ?? []) {
      const [, type = "", value = ""] = /^([^:]+):(.+)$/.exec(render(template, data) ?? "") ?? [];
      if (value === "") return null;
      selectors.push({ type, value });
    }
    return {
      spiffeId,
      parentId: {
        trustDomain,
        path: `/spire/agent/k8s_psat/${clusterName}/${node.metadata.uid}`,
      },
      selectors,
      x509SvidTtl: goSeconds(spec.ttl ?? ""),
    };
  }

  log(message: string, { id, spiffeId, parentId, selectors }: Entry): void {
    const { machine, output } = this.config;
    const fields = {
      id,
      spiffeID: spiffeIdText(spiffeId),
      parentID: spiffeIdText(parentId),
      selectors: selectors.map(({ type, value }) => `${type}:${value}`).join(","),
    };
    const text = `entry-reconciler\t${message}\t${JSON.stringify(fields)}`;
    output.write(logLine(machine.sim, "INFO", "", text));
  }

  stop(): void {
    this.config.store.unwatch(this);
    this.timer?.cancel();
    this.ticker?.cancel();
  }
}
