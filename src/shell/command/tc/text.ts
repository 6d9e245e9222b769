import type { NetDevice } from "../../../net/device/device.ts";
import { Fifo, type Qdisc, TokenBucket } from "../../../net/sched/qdisc.ts";
import type { Json } from "../../lib/json-writer.ts";
import { queues } from "../ip/device-text.ts";

function sizeText(bytes: number): string {
  const mega = Math.round(bytes / 1048576);
  if (bytes >= 1048576 && Math.abs(mega * 1048576 - bytes) < 1024) return `${mega}Mb`;
  const kilo = Math.round(bytes / 1024);
  if (bytes >= 1024 && Math.abs(kilo * 1024 - bytes) < 16) return `${kilo}Kb`;
  return `${bytes}b`;
}

function rateText(bytes: number): string {
  let bits = Math.round(bytes * 8);
  let at = 0;
  while (at < 4 && bits >= 1000 && (bits % 1000 === 0 || bits >= 1e6)) {
    bits = Math.round(bits / 1000);
    at++;
  }
  return `${bits}${["", "K", "M", "G", "T"][at]}bit`;
}

function timeText(seconds: number): string {
  if (seconds >= 1) return `${Number(seconds.toPrecision(3))}s`;
  if (seconds >= 1e-3) return `${Number((seconds * 1e3).toPrecision(3))}ms`;
  return `${Math.floor(seconds * 1e6)}us`;
}

function optionsText(qdisc: Qdisc | null): string {
  if (qdisc instanceof Fifo)
    return `limit ${qdisc.kind === "pfifo" ? `${qdisc.limit}p` : sizeText(qdisc.limit)}`;
  if (!(qdisc instanceof TokenBucket)) return "";
  const latency = (qdisc.limit - qdisc.burst) / qdisc.rate;
  const end = latency >= 0 ? `lat ${timeText(latency)}` : `limit ${sizeText(qdisc.limit)}`;
  return `rate ${rateText(qdisc.rate)} burst ${sizeText(qdisc.burst)} ${end} `;
}

function statisticsText(qdisc: Qdisc | null): string {
  const { bytes, packets, dropped, overlimits } = qdisc?.stats ?? {
    bytes: 0,
    packets: 0,
    dropped: 0,
    overlimits: 0,
  };
  const waits = qdisc ? `${sizeText(qdisc.backlog)} ${qdisc.queue.length}p` : "0b 0p";
  return ` Sent ${bytes} bytes ${packets} pkt (dropped ${dropped}, overlimits ${overlimits} requeues 0) \n backlog ${waits} requeues 0\n`;
}

function optionsJson(qdisc: Qdisc | null): Record<string, Json> {
  if (qdisc instanceof Fifo) return { limit: qdisc.limit };
  if (!(qdisc instanceof TokenBucket)) return {};
  const latency = (qdisc.limit - qdisc.burst) / qdisc.rate;
  const end = latency >= 0 ? { lat: Math.floor(latency * 1e6) } : { limit: qdisc.limit };
  return { rate: qdisc.rate, burst: qdisc.burst, ...end };
}

function statisticsJson(qdisc: Qdisc | null): Record<string, Json> {
  return {
    bytes: qdisc?.stats.bytes ?? 0,
    packets: qdisc?.stats.packets ?? 0,
    drops: qdisc?.stats.dropped ?? 0,
    overlimits: qdisc?.stats.overlimits ?? 0,
    requeues: 0,
    backlog: qdisc?.backlog ?? 0,
    qlen: qdisc?.queue.length ?? 0,
  };
}

/** One line of `tc qdisc`. */
interface Shown {
  part: "root" | "ingress";
  kind: string;
  handle: string;
  references: number;
  qdisc: Qdisc | null;
}

/** What a device has, as the kernel's dump gives it. */
export function qdiscsOf(dev: NetDevice): Shown[] {
  const { root, ingress } = dev.qdiscs;
  const list: Shown[] = [];
  if (root)
    list.push({
      part: "root",
      kind: root.kind,
      handle: `${root.major.toString(16)}:`,
      // One of each queue that it serves, and its own.
      references: queues(dev) + 1,
      qdisc: root,
    });
  else if (dev.qdisc !== "noop")
    list.push({ part: "root", kind: dev.qdisc, handle: "0:", references: 2, qdisc: null });
  if (ingress)
    list.push({ part: "ingress", kind: ingress, handle: "ffff:", references: 0, qdisc: null });
  return list;
}

export function qdiscText(one: Shown, dev: string, statistics: boolean): string {
  const place = one.part === "root" ? `root refcnt ${one.references} ` : "parent ffff:fff1 ";
  const end = one.kind === "ingress" ? "---------------- " : optionsText(one.qdisc);
  const line = `qdisc ${one.kind} ${one.handle} ${dev ? `dev ${dev} ` : ""}${place}${end}\n`;
  return line + (statistics ? statisticsText(one.qdisc) : "");
}

export function qdiscJson(one: Shown, dev: string, statistics: boolean): Json {
  return {
    kind: one.kind,
    handle: one.handle,
    ...(dev ? { dev } : {}),
    ...(one.part === "root" ? { root: true, refcnt: one.references } : { parent: "ffff:fff1" }),
    options: optionsJson(one.qdisc),
    ...(statistics ? statisticsJson(one.qdisc) : {}),
  };
}
