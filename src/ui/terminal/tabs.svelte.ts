import type { Machine } from "../state/machine.svelte.ts";
import { shortName } from "./names.ts";

/** How long a terminal may take to open before nothing is typed in it, ms. */
const PATIENCE = 5000;

export interface Tab {
  /** Of the page: a tab outlives its shell. */
  key: number;
  /** "": not known yet; the page's first terminal is drawn while its world is still being made. */
  machine: string;
  label: string;
  /** The worker's terminal; 0 while it is being opened. */
  terminal: number;
  ended: boolean;
}

/** Where a terminal is seen. */
export type Place = "alone" | "first" | "second" | "hidden";

/** The terminals that are open, and which of them are seen. */
export class Tabs {
  machine: Machine;
  list = $state<Tab[]>([{ key: 1, machine: "", label: "", terminal: 0, ended: false }]);
  active = $state(1);
  /** Two that are seen side by side, by their places; null: the active one alone. */
  pair = $state.raw<readonly [number, number] | null>(null);
  /** The one that was active before. */
  last = 0;
  /** Grows when somebody asked for a terminal: it may then take the focus. */
  wanted = $state(0);
  /** How much of that has been answered. */
  answered = 0;
  nextKey = 2;

  constructor(machine: Machine) {
    this.machine = machine;
  }

  /** A fresh world: what a replay left open, else a terminal on the world's own machine. */
  begin(): void {
    const { left, topology } = this.machine;
    const first = topology?.machines[0];
    const drawn = this.list.find((tab) => tab.machine === "");
    if (drawn && first && !left.length) {
      drawn.label = this.label(first.name);
      drawn.machine = first.name;
      return;
    }
    this.list = [];
    this.pair = null;
    for (const { id, machine } of left) this.add(machine, id);
    if (!left.length && first) this.add(first.name, 0);
    this.active = this.list[0]?.key ?? 0;
  }

  add(name: string, terminal: number): Tab {
    const label = this.label(name);
    const tab: Tab = { key: this.nextKey++, machine: name, label, terminal, ended: false };
    this.list.push(tab);
    return tab;
  }

  /** What a machine is called on its tab: its app, with a number when there are several shells. */
  label(name: string): string {
    const machines = this.machine.topology?.machines ?? [];
    const found = machines.find((machine) => machine.name === name);
    const label = found?.label ?? name;
    const twins = machines.filter((machine) => machine.label === label);
    const base = twins.length > 1 ? `${label} (${shortName(name, label)})` : label;
    const same = this.list.filter((tab) => tab.machine === name).length;
    return same ? `${base} ${same + 1}` : base;
  }

  open(name: string): void {
    this.focus(this.add(name, 0).key);
  }

  /** The machine's terminal that is open already, else a new one. */
  show(name: string): void {
    const found = this.list.find((tab) => tab.machine === name && !tab.ended);
    if (found) this.focus(found.key);
    else this.open(name);
  }

  /** Type a command in the machine's terminal, where everybody sees it. */
  async type(name: string, command: string): Promise<void> {
    this.show(name);
    const until = performance.now() + PATIENCE;
    for (;;) {
      const tab = this.list.find((one) => one.machine === name && !one.ended);
      if (tab?.terminal) {
        const { terminal } = tab;
        await this.machine.ask((api) => api.type(terminal, `${command.replaceAll("\n", "\r")}\r`));
        return;
      }
      if (performance.now() > until) return;
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
  }

  /** Show it and let it have the focus. */
  focus(key: number): void {
    this.select(key);
    this.wanted++;
  }

  /** Show it: in the place of the active one, unless it is seen already. */
  select(key: number): void {
    const { active, pair } = this;
    if (key === active) return;
    if (pair && !pair.includes(key))
      this.pair = pair[0] === active ? [key, pair[1]] : [pair[0], key];
    this.last = active;
    this.active = key;
  }

  place(key: number): Place {
    const { pair } = this;
    if (!pair) return key === this.active ? "alone" : "hidden";
    return pair[0] === key ? "first" : pair[1] === key ? "second" : "hidden";
  }

  /**
   * A second one beside the active one: that which was active before, else any, else a new shell on
   * the same machine. When two are seen: the active one alone again.
   */
  split(): void {
    const { active, list } = this;
    const mine = list.find((tab) => tab.key === active);
    if (!mine?.machine) return;
    if (this.pair) {
      this.pair = null;
      this.wanted++;
      return;
    }
    const others = list.filter((tab) => tab !== mine);
    const before = others.find((tab) => tab.key === this.last) ?? others[0];
    const other = (before ?? this.add(mine.machine, 0)).key;
    this.pair = [active, other];
    this.focus(other);
  }

  /** A new shell on the same machine, in the place of one that has ended. */
  renew(key: number): void {
    const old = this.list.find((tab) => tab.key === key);
    if (!old) return;
    this.list = this.list.filter((tab) => tab !== old);
    const fresh = this.add(old.machine, 0).key;
    const { pair } = this;
    if (pair) this.pair = [pair[0] === key ? fresh : pair[0], pair[1] === key ? fresh : pair[1]];
    this.active = fresh;
    this.wanted++;
  }

  close(key: number): void {
    const index = this.list.findIndex((tab) => tab.key === key);
    if (index < 0) return;
    this.list.splice(index, 1);
    const partner = this.pair?.includes(key) ? this.pair.find((one) => one !== key) : undefined;
    if (partner !== undefined) this.pair = null;
    const next = partner ?? this.list[Math.min(index, this.list.length - 1)]?.key ?? 0;
    if (this.active === key) this.active = next;
  }
}
