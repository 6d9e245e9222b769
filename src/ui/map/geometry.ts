import type { MapDevice, MapEnd, MapLink, MapNamespace, Move } from "../../worker/protocol.ts";

export interface Point {
  x: number;
  y: number;
}

export interface Rect extends Point {
  w: number;
  h: number;
}

/** A device on the map. */
export interface Port extends Rect {
  device: MapDevice;
  ns: number;
}

/** A namespace: a pod, one made by hand, or a node's own (its strip). */
export interface Box extends Rect {
  ns: MapNamespace;
  title: string;
  ports: Port[];
  /** Where its words begin. */
  label: Point;
}

export interface NodeArea extends Rect {
  name: string;
}

export interface Link {
  kind: MapLink["kind"];
  a: MapEnd;
  b: MapEnd;
  points: Point[];
}

export interface Layout {
  w: number;
  h: number;
  nodes: NodeArea[];
  boxes: Box[];
  links: Link[];
  ports: Map<string, Port>;
}

export function endKey(end: MapEnd): string {
  return `${end.ns}/${end.ifindex}`;
}

export function centre(rect: Rect): Point {
  return { x: rect.x + rect.w / 2, y: rect.y + rect.h / 2 };
}

/** Points on the curve that leaves `a` and enters `b` with the given pulls. */
export function curve(a: Point, pullA: Point, pullB: Point, b: Point): Point[] {
  const points: Point[] = [];
  for (let i = 0; i <= 16; i++) {
    const t = i / 16;
    const s = 1 - t;
    const mix = (k: "x" | "y"): number =>
      s * s * s * a[k] + 3 * s * s * t * pullA[k] + 3 * s * t * t * pullB[k] + t * t * t * b[k];
    points.push({ x: mix("x"), y: mix("y") });
  }
  return points;
}

/** Where one is after `share` of the way. */
export function along(points: Point[], share: number): Point {
  const lengths = points.slice(1).map((p, i) => {
    const q = points[i] as Point;
    return Math.hypot(p.x - q.x, p.y - q.y);
  });
  let rest = share * lengths.reduce((sum, length) => sum + length, 0);
  for (const [i, length] of lengths.entries()) {
    const from = points[i] as Point;
    const to = points[i + 1] as Point;
    if (rest <= length && length > 0) {
      const t = rest / length;
      return { x: from.x + (to.x - from.x) * t, y: from.y + (to.y - from.y) * t };
    }
    rest -= length;
  }
  return points[points.length - 1] ?? { x: 0, y: 0 };
}

/** A line through the points, as an SVG path. */
export function pathOf(points: Point[]): string {
  return points.map((p, i) => `${i ? "L" : "M"}${p.x.toFixed(1)} ${p.y.toFixed(1)}`).join("");
}

/** Where a packet is after `share` of its hop; one that dies falls. Null: its place is not there. */
export function whereIs(layout: Layout, { from, to }: Move, share: number): Point | null {
  const way = to && wayBetween(layout, from, to);
  if (to) return way ? along(way, share) : null;
  const port = layout.ports.get(endKey(from));
  if (!port) return null;
  const { x, y } = centre(port);
  return { x, y: y + 16 * share * share };
}

/** The way from one device to another: along their link, else straight. Null: one is not there. */
export function wayBetween(layout: Layout, from: MapEnd, to: MapEnd): Point[] | null {
  const a = endKey(from);
  const b = endKey(to);
  const start = layout.ports.get(a);
  const end = layout.ports.get(b);
  if (!start || !end) return null;
  if (from.ns !== to.ns)
    for (const link of layout.links) {
      if (link.kind === "tunnel") continue;
      const x = endKey(link.a);
      const y = endKey(link.b);
      if (x === a && y === b) return [centre(start), ...link.points, centre(end)];
      if (x === b && y === a) return [centre(start), ...link.points.toReversed(), centre(end)];
    }
  return [centre(start), centre(end)];
}
