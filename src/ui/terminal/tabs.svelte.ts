import type { Machine } from "../state/machine.svelte.ts";
import { shortName } from "./names.ts";

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

/** The terminals that are open, and which of them is seen. */
export class Tabs {
  machine: Machine;
  list = $state<Tab[]>([{ key: 1, machine: "", label: "", terminal: 0, ended: false }]);
  active = $state(1);
  /** Grows when somebody asked for a terminal: it may then take the focus. */
  wanted = $state(0);
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
    this.active = this.add(name, 0).key;
    this.wanted++;
  }

  /** The machine's terminal that is open already, else a new one. */
  show(name: string): void {
    const found = this.list.find((tab) => tab.machine === name && !tab.ended);
    if (!found) {
      this.open(name);
      return;
    }
    this.active = found.key;
    this.wanted++;
  }

  select(key: number): void {
    this.active = key;
  }

  close(key: number): void {
    const index = this.list.findIndex((tab) => tab.key === key);
    if (index < 0) return;
    this.list.splice(index, 1);
    if (this.active === key)
      this.active = this.list[Math.min(index, this.list.length - 1)]?.key ?? 0;
  }
}
