import type { Event } from "../api/core.ts";
import type { KubeObject } from "../api/meta.ts";
import type { Toleration } from "../api/pod.ts";
import type { Cluster } from "../cluster.ts";
import { since } from "../duration.ts";
import type { View } from "../kind.ts";
import { controllerOf } from "../objects.ts";
import { tabwriter } from "../text/tabwriter.ts";

/** Annotations that `describe` does not show. */
const SKIPPED = ["kubectl.kubernetes.io/last-applied-configuration"];
const LONGEST = 140;

/** "Mon, 21 Nov 2022 08:00:00 +0000" (Go's time.RFC1123Z). */
export function longTime(timestamp: string | undefined): string {
  if (timestamp === undefined) return "Mon, 01 Jan 0001 00:00:00 +0000";
  return new Date(Date.parse(timestamp)).toUTCString().replace("GMT", "+0000");
}

/** What `kubectl describe` writes, cells ending in tabs (kubernetes: kubectl/pkg/describe). */
export class DescribeWriter {
  text = "";

  /** `level`: how far it is indented, two spaces each. */
  write(level: number, line: string): void {
    this.text += `${"  ".repeat(level)}${line}\n`;
  }

  /** Name, namespace, labels, annotations: how most begin. */
  head({ metadata }: KubeObject): void {
    this.write(0, `Name:\t${metadata.name}`);
    this.write(0, `Namespace:\t${metadata.namespace ?? ""}`);
  }

  labels(title: string, labels: Record<string, string> = {}): void {
    const all = Object.keys(labels)
      .sort()
      .map((key) => `${key}=${labels[key]}`);
    this.write(0, `${title}:\t${all[0] ?? "<none>"}`);
    for (const line of all.slice(1)) this.write(0, `\t${line}`);
  }

  annotations(title: string, annotations: Record<string, string> = {}): void {
    const keys = Object.keys(annotations)
      .filter((key) => !SKIPPED.includes(key))
      .sort();
    if (keys.length === 0) return this.write(0, `${title}:\t<none>`);
    for (const [i, key] of keys.entries()) {
      const start = i === 0 ? `${title}:\t` : "\t";
      const value = (annotations[key] ?? "").replace(/\n$/, "");
      if (value.length + key.length + 2 <= LONGEST && !value.includes("\n")) {
        this.write(0, `${start}${key}: ${value}`);
        continue;
      }
      this.write(0, `${start}${key}:`);
      for (const line of value.split("\n")) {
        const short = line.length > LONGEST - 2 ? `${line.slice(0, LONGEST - 2)}...` : line;
        this.write(0, `\t  ${short}`);
      }
    }
  }

  controller(object: KubeObject): void {
    const owner = controllerOf(object);
    if (owner) this.write(0, `Controlled By:\t${owner.kind}/${owner.name}`);
  }

  tolerations(title: string, tolerations: readonly Toleration[] = []): void {
    const all = [...tolerations]
      .sort((a, b) => ((a.key ?? "") < (b.key ?? "") ? -1 : 1))
      .map((t) => {
        const value = t.value ? `=${t.value}` : "";
        const effect = t.effect ? `:${t.effect}` : "";
        const exists = t.operator === "Exists" && !t.value;
        const space = t.key || t.effect ? " " : "";
        const time = t.tolerationSeconds === undefined ? "" : ` for ${t.tolerationSeconds}s`;
        return `${t.key ?? ""}${value}${effect}${exists ? `${space}op=Exists` : ""}${time}`;
      });
    this.write(0, `${title}:\t${all[0] ?? "<none>"}`);
    for (const line of all.slice(1)) this.write(0, `\t${line}`);
  }
}

/** "1 Running / 0 Waiting / 0 Succeeded / 0 Failed" of the pods that an object looks after. */
export function podsStatus(owner: KubeObject, cluster: Cluster): string {
  const counts = { Running: 0, Pending: 0, Succeeded: 0, Failed: 0 };
  for (const pod of cluster.store.list("Pod", owner.metadata.namespace))
    if (controllerOf(pod)?.uid === owner.metadata.uid) counts[pod.status.phase]++;
  return `${counts.Running} Running / ${counts.Pending} Waiting / ${counts.Succeeded} Succeeded / ${counts.Failed} Failed`;
}

/** The events of an object, as text of their own; or the line that says that there are none. */
function eventsOf(object: KubeObject, view: View): Event[] {
  const { name, namespace, uid } = object.metadata;
  return view.cluster.store
    .list("Event")
    .filter(
      ({ involvedObject: on, metadata }) =>
        on.kind === object.kind &&
        on.name === name &&
        on.uid === uid &&
        metadata.namespace === (namespace ?? "default"),
    )
    .sort((a, b) => Date.parse(a.lastTimestamp) - Date.parse(b.lastTimestamp));
}

/** The whole text of a described object, in columns, with its events unless they are not wanted. */
export function describedText(
  body: string,
  object: KubeObject,
  view: View,
  events: boolean,
): string {
  if (!events) return tabwriter(body, 2);
  const all = eventsOf(object, view);
  if (all.length === 0) return tabwriter(`${body}Events:\t<none>\n`, 2);
  const rows = all.map((e) => {
    const first = since(e.firstTimestamp, view.now);
    const age =
      e.count > 1 ? `${since(e.lastTimestamp, view.now)} (x${e.count} over ${first})` : first;
    return `  ${e.type}\t${e.reason}\t${age}\t${e.source.component}\t${e.message.trim()}\n`;
  });
  const head = "Events:\n  Type\tReason\tAge\tFrom\tMessage\n  ----\t------\t----\t----\t-------\n";
  return tabwriter(body, 2) + tabwriter(head + rows.join(""), 2);
}
