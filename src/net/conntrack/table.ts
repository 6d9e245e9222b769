import { SEC, type Timer } from "../../sim/sim.ts";
import type { NetNs } from "../netns.ts";
import { type Conntrack, IPS_CONFIRMED, IPS_DYING, type Tuple } from "./entry.ts";
import { sameTuple, tupleHash } from "./tuple.ts";
import { zoneId } from "./zone.ts";

/** One place in the table: an entry, seen from one of its directions. */
export interface Direction {
  ct: Conntrack;
  /** 0 original, 1 reply. */
  dir: 0 | 1;
}

/** Entries by tuple: a map from hash to the few that share it, so that a lookup makes no garbage. */
class TupleMap {
  buckets = new Map<number, Direction[]>();

  /** `id`: what the zone is in the direction that is looked for (linux: ____nf_conntrack_find). */
  find(tuple: Tuple, zone: number, id: number): Direction | undefined {
    const bucket = this.buckets.get(tupleHash(tuple, id));
    if (!bucket) return undefined;
    for (let i = 0; i < bucket.length; i++) {
      const { ct, dir } = bucket[i] as Direction;
      if (sameTuple(ct.tuples[dir], tuple) && zoneId(ct.zone, dir) === zoneId(zone, dir))
        return bucket[i];
    }
    return undefined;
  }

  add(direction: Direction): void {
    const hash = tupleHash(
      direction.ct.tuples[direction.dir],
      zoneId(direction.ct.zone, direction.dir),
    );
    const bucket = this.buckets.get(hash);
    if (bucket) bucket.push(direction);
    else this.buckets.set(hash, [direction]);
  }

  remove(ct: Conntrack, dir: 0 | 1): void {
    const hash = tupleHash(ct.tuples[dir], zoneId(ct.zone, dir));
    const bucket = this.buckets.get(hash);
    const at = bucket?.findIndex((other) => other.ct === ct && other.dir === dir) ?? -1;
    if (!bucket || at < 0) return;
    bucket.splice(at, 1);
    if (bucket.length === 0) this.buckets.delete(hash);
  }
}

/** Tells whoever listens (`conntrack -E`). */
export interface ConntrackListener {
  /** `by`: the program that asked for it, "" for the kernel itself. */
  conntrackEvent(kind: "NEW" | "UPDATE" | "DESTROY", ct: Conntrack, by: string): void;
}

/** The connections of a namespace (linux: nf_conntrack_core.c). */
export class ConntrackTable {
  ns: NetNs;
  /** Rules and tables that need tracking; hooks are there while it is not zero. */
  users = 0;
  /** The same of those who need fragments put together. */
  defragUsers = 0;
  tuples = new TupleMap();
  /** Confirmed entries, oldest first. */
  entries = new Set<Conntrack>();
  /** NAT: original source -> entries, newest first, to map a client to the same address again. */
  bySource = new Map<string, Conntrack[]>();
  listeners: ConntrackListener[] = [];
  /** What `conntrack -S` shows, by the kernel's names. */
  statistics: Record<string, number> = {};
  /** The packet in hand changed its entry: one event for it, whatever it was that changed. */
  changed = false;

  constructor(ns: NetNs) {
    this.ns = ns;
  }

  /** A packet of either direction (linux: nf_conntrack_find_get). */
  find(tuple: Tuple, zone = 0): Direction | undefined {
    const original = zoneId(zone, 0);
    const reply = zoneId(zone, 1);
    const found = this.tuples.find(tuple, zone, original);
    return found || original === reply ? found : this.tuples.find(tuple, zone, reply);
  }

  /** Whose tuple is this already, in the part of the table where this direction is kept? (linux: nf_conntrack_tuple_taken) */
  inDirection(tuple: Tuple, zone: number, dir: 0 | 1): Direction | undefined {
    return this.tuples.find(tuple, zone, zoneId(zone, dir));
  }

  /** linux: __nf_conntrack_confirm, the part that enters the hash */
  insert(ct: Conntrack): void {
    // Who talks to itself is found as its own answer: that is put in front of the other.
    this.tuples.add({ ct, dir: 1 });
    this.tuples.add({ ct, dir: 0 });
    this.entries.add(ct);
    ct.status |= IPS_CONFIRMED;
    this.arm(ct);
    this.tell("NEW", ct);
  }

  /** Set the time of its end; before confirmation it is only remembered. */
  refresh(ct: Conntrack, seconds: number): void {
    ct.expires = this.ns.sim.now + seconds * SEC;
  }

  /** One timer an entry, moved on when it fires early: refreshing costs nothing. */
  arm(ct: Conntrack): void {
    ct.timer = this.ns.sim.at(ct.expires, this, "expire", ct);
  }

  wake(_reason: string, arg: unknown): void {
    const ct = arg as Conntrack;
    if (ct.status & IPS_DYING) return;
    if (ct.expires > this.ns.sim.now) return this.arm(ct);
    this.kill(ct);
  }

  kill(ct: Conntrack, by = ""): void {
    if (ct.status & IPS_DYING) return;
    ct.status |= IPS_DYING;
    (ct.timer as Timer | null)?.cancel();
    this.tuples.remove(ct, 0);
    this.tuples.remove(ct, 1);
    const source = sourceKey(ct);
    const alike = this.bySource.get(source)?.filter((other) => other !== ct);
    if (alike?.length) this.bySource.set(source, alike);
    else if (alike) this.bySource.delete(source);
    if (this.entries.delete(ct)) this.tell("DESTROY", ct, by);
  }

  count(name: "invalid" | "insert_failed" | "drop"): void {
    this.statistics[name] = (this.statistics[name] ?? 0) + 1;
  }

  tell(kind: "NEW" | "UPDATE" | "DESTROY", ct: Conntrack, by = ""): void {
    if (!ct.announced) return;
    for (const listener of this.listeners) listener.conntrackEvent(kind, ct, by);
  }
}

export function sourceKey(ct: Conntrack): string {
  const t = ct.tuples[0];
  return `${zoneId(ct.zone, 0)}/${t.protocol}/${t.src}:${t.srcPort}`;
}
