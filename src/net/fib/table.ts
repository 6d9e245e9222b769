import { maskOf } from "../../wire/address.ts";
import type { Route } from "./route.ts";

/** One routing table (linux: net/ipv4/fib_trie.c): longest prefix first, then TOS, then metric. */
export class FibTable {
  id: number;
  /** Prefix length -> network -> routes to it, in the order in which they are tried. */
  byLength: (Map<number, Route[]> | null)[] = new Array(33).fill(null);
  /** Lengths that are present, longest first. */
  lengths: number[] = [];

  constructor(id: number) {
    this.id = id;
  }

  add(route: Route, at: "sorted" | "append" | "prepend" = "sorted"): void {
    let nets = this.byLength[route.length];
    if (!nets) {
      nets = new Map();
      this.byLength[route.length] = nets;
      this.lengths = [...this.lengths, route.length].sort((a, b) => b - a);
    }
    const list = nets.get(route.dst) ?? [];
    nets.set(route.dst, list);
    // Higher TOS first, then lower metric; among equals the newest stands first (NLM_F_CREATE),
    // unless it is appended (fib_table_insert: fa_last).
    let place = list.findIndex(
      (other) =>
        other.tos < route.tos || (other.tos === route.tos && other.priority > route.priority),
    );
    if (place < 0) place = list.length;
    if (at === "prepend") {
      const first = list.findIndex(
        (other) => other.tos === route.tos && other.priority === route.priority,
      );
      if (first >= 0) place = first;
    }
    list.splice(place, 0, route);
  }

  remove(route: Route): void {
    const nets = this.byLength[route.length];
    const list = nets?.get(route.dst);
    const at = list?.indexOf(route) ?? -1;
    if (!nets || !list || at < 0) return;
    list.splice(at, 1);
    if (list.length) return;
    nets.delete(route.dst);
    if (nets.size) return;
    this.byLength[route.length] = null;
    this.lengths = this.lengths.filter((length) => length !== route.length);
  }

  /** Routes whose prefix holds `address`, best first. */
  candidates(address: number): Route[] {
    const out: Route[] = [];
    for (const length of this.lengths) {
      const list = this.byLength[length]?.get((address & maskOf(length)) >>> 0);
      if (list) for (const route of list) out.push(route);
    }
    return out;
  }

  /** Routes to exactly this prefix. */
  at(dst: number, length: number): readonly Route[] {
    return this.byLength[length]?.get(dst) ?? [];
  }

  /** All routes, by address and then length, as the kernel dumps them. */
  all(): Route[] {
    const out: Route[] = [];
    for (const nets of this.byLength) if (nets) for (const list of nets.values()) out.push(...list);
    return out.sort((a, b) => a.dst - b.dst || b.length - a.length);
  }
}
