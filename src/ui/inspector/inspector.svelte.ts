import type { Dissection, Field, Layer, Sight } from "../../worker/protocol.ts";
import type { Machine } from "../state/machine.svelte.ts";

/** A row of the tree: a layer or a field, and how deep it is. */
export interface Row {
  /** "2" is a layer, "2.0.3" a field in a field of it. */
  id: string;
  depth: number;
  source: number;
  at: number;
  length: number;
  label: string;
  value: string;
  /** The field's name in filters, or the layer's protocol. */
  name: string;
  hasFields: boolean;
  isLayer: boolean;
}

/** What is looked at of a packet: which device's sight of it, and which of its bytes. */
export class Inspector {
  machine: Machine;
  skb = $state(0);
  sights = $state.raw<Sight[]>([]);
  /** The sight that is shown, by its event; 0: none. */
  chosen = $state(0);
  dissection = $state.raw<Dissection | null>(null);
  isAsked = $state(false);
  /** Rows that are open, by id. */
  open = $state.raw<ReadonlySet<string>>(new Set());
  selected = $state("");
  hovered = $state("");
  /** Which bytes are shown. */
  source = $state(0);

  constructor(machine: Machine) {
    this.machine = machine;
  }

  sight: Sight | null = $derived(this.sights.find(({ n }) => n === this.chosen) ?? null);

  rows: Row[] = $derived.by(() => {
    const rows: Row[] = [];
    const add = (fields: readonly Field[], id: string, depth: number, source: number): void => {
      fields.forEach((field, i) => {
        const own = `${id}.${i}`;
        rows.push({
          ...field,
          id: own,
          depth,
          source,
          hasFields: field.fields.length > 0,
          isLayer: false,
        });
        if (this.open.has(own)) add(field.fields, own, depth + 1, source);
      });
    };
    this.dissection?.layers.forEach((layer, i) => {
      rows.push(layerRow(layer, i));
      if (this.open.has(String(i))) add(layer.fields, String(i), 1, layer.source);
    });
    return rows;
  });

  /** The row that is looked at: under the pointer, else the one that was chosen. */
  current: Row | null = $derived(
    this.rows.find((row) => row.id === (this.hovered || this.selected)) ?? null,
  );

  async show(skb: number): Promise<void> {
    this.skb = skb;
    const place = this.sight;
    const sights = (await this.machine.ask((api) => api.sights(skb))) ?? [];
    if (skb !== this.skb) return;
    this.sights = sights;
    // Packets of one connection are compared at the same device.
    const same = sights.find((s) => s.ns === place?.ns && s.ifindex === place.ifindex);
    await this.choose((same ?? sights[0])?.n ?? 0);
  }

  async choose(n: number): Promise<void> {
    this.chosen = n;
    this.isAsked = true;
    const dissection = n ? await this.machine.ask((api) => api.dissect(n)) : null;
    if (n !== this.chosen) return;
    this.isAsked = false;
    this.dissection = dissection;
    this.hovered = "";
    this.selected = "";
    this.source = 0;
    // What is said last is what the packet is about.
    const last = (dissection?.layers.length ?? 0) - 1;
    this.open = new Set(last >= 0 ? [String(last)] : []);
  }

  toggle(id: string, on = !this.open.has(id)): void {
    const open = new Set(this.open);
    if (on) open.add(id);
    else open.delete(id);
    this.open = open;
  }

  select(row: Row): void {
    this.selected = row.id;
    this.source = row.source;
  }

  /** The innermost field that a byte belongs to, opened and chosen. */
  selectByte(at: number, onlyHover: boolean): void {
    const path = this.pathTo(at);
    const id = path.at(-1);
    if (id === undefined) return;
    if (!onlyHover) {
      const open = new Set(this.open);
      for (const above of path.slice(0, -1)) open.add(above);
      this.open = open;
      this.selected = id;
      this.hovered = "";
      return;
    }
    // What is closed is not opened by a pointer that only passes: its layer lights up.
    const shown = [...path].reverse().find((one) => this.rows.some((row) => row.id === one));
    this.hovered = shown ?? "";
  }

  pathTo(at: number): string[] {
    const layers = this.dissection?.layers ?? [];
    const index = layers.findIndex((layer) => layer.source === this.source && within(layer, at));
    const layer = layers[index];
    if (!layer) return [];
    const path = [String(index)];
    let fields = layer.fields;
    for (;;) {
      // Of two at the same byte (bits), the whole byte is meant; of nested ones, the inner.
      const next = fields.findIndex((field) => within(field, at));
      const field = fields[next];
      if (!field) return path;
      path.push(`${path.at(-1)}.${next}`);
      fields = field.fields;
    }
  }
}

function within(part: { at: number; length: number }, at: number): boolean {
  return at >= part.at && at < part.at + part.length;
}

function layerRow(layer: Layer, index: number): Row {
  const { at, length, source, title, protocol, fields } = layer;
  return {
    id: String(index),
    depth: 0,
    source,
    at,
    length,
    label: title,
    value: "",
    name: protocol,
    hasFields: fields.length > 0,
    isLayer: true,
  };
}
