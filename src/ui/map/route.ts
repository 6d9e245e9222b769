import type { MapLink } from "../../worker/protocol.ts";
import { type Box, centre, curve, endKey, type Layout, type Point, type Port } from "./geometry.ts";
import { LANE, LINK_GAP } from "./layout.ts";

const ROUND = 0.5;

function boxOf(layout: Layout, port: Port): Box {
  return layout.boxes.find((box) => box.ns.id === port.ns) as Box;
}

/** The middle of the edge of a port that looks up or down. */
function edge(port: Port, up: boolean): Point {
  return { x: port.x + port.w / 2, y: up ? port.y : port.y + port.h };
}

/** Between two devices in rows that face each other. */
function facing(from: Point, to: Point): Point[] {
  const pull = (to.y - from.y) * ROUND;
  return curve(from, { x: from.x, y: from.y + pull }, { x: to.x, y: to.y - pull }, to);
}

/** From a pod in a farther row: beside its column in a lane of its own, then to the strip. */
function byLane(pod: Box, from: Point, to: Point, depth: number): Point[] {
  const down = to.y > from.y ? 1 : -1;
  const lane = pod.x - LANE * depth + 2;
  const out = from.y + down * 12;
  const end = to.y - down * (LINK_GAP - 8);
  return [
    from,
    { x: from.x, y: out },
    { x: lane, y: out },
    { x: lane, y: end },
    ...facing({ x: lane, y: end }, to),
  ];
}

/** Both ends on the same side of where they are: an arc that leaves and comes back. */
function arc(from: Point, to: Point, up: boolean): Point[] {
  const pull = (up ? -1 : 1) * Math.min(34, 16 + Math.abs(to.x - from.x) / 8);
  return curve(from, { x: from.x, y: from.y + pull }, { x: to.x, y: to.y + pull }, to);
}

/** The wire between nodes: across the gap, or by a line below everything that all share. */
function wire(layout: Layout, a: Port, b: Port, shared: boolean): Point[] {
  const [left, right] = a.x < b.x ? [a, b] : [b, a];
  if (!shared) {
    const line = [
      { x: left.x + left.w, y: centre(left).y },
      { x: right.x, y: centre(right).y },
    ];
    return left === a ? line : line.toReversed();
  }
  const lane = (port: Port): number => {
    const node = layout.nodes.find(
      (one) =>
        port.x >= one.x && port.x <= one.x + one.w && port.y >= one.y && port.y <= one.y + one.h,
    );
    // Beside every node of its column: they differ in width.
    const column = layout.nodes.filter((one) => one.x === node?.x).map((one) => one.x + one.w);
    return Math.max(port.x + port.w, ...column) + 20;
  };
  const from = { x: a.x + a.w, y: centre(a).y };
  const to = { x: b.x + b.w, y: centre(b).y };
  const laneA = lane(a);
  const laneB = lane(b);
  if (laneA === laneB) return [from, { x: laneA, y: from.y }, { x: laneB, y: to.y }, to];
  const bus = layout.h + 26;
  return [
    from,
    { x: laneA, y: from.y },
    { x: laneA, y: bus },
    { x: laneB, y: bus },
    { x: laneB, y: to.y },
    to,
  ];
}

function route(layout: Layout, a: Port, b: Port): Point[] {
  const boxA = boxOf(layout, a);
  const boxB = boxOf(layout, b);
  if (boxA === boxB || (boxA.ns.kind !== "node" && boxB.ns.kind !== "node")) {
    const up = a.y > boxA.y + boxA.h / 2 === boxA.y > boxB.y;
    if (boxA === boxB || Math.abs(boxA.y - boxB.y) < 1) {
      const lower = a.y > boxA.y + boxA.h / 2;
      return arc(edge(a, !lower), edge(b, !lower), !lower);
    }
    return facing(edge(a, !up), edge(b, up));
  }
  const [pod, podPort, strip] = boxA.ns.kind === "node" ? [boxB, b, a] : [boxA, a, b];
  const above = pod.y < boxOf(layout, strip).y;
  const from = edge(podPort, !above);
  const to = edge(strip, above);
  const rows = Math.abs(to.y - from.y) - LINK_GAP;
  const depth = Math.round(rows / (pod.h + 18));
  const points = depth > 0 ? byLane(pod, from, to, depth) : facing(from, to);
  return podPort === a ? points : points.toReversed();
}

/** Give every link its way. */
export function routeLinks(layout: Layout, links: MapLink[], sharedWire: boolean): Layout {
  let below = 0;
  for (const { kind, a, b } of links) {
    const from = layout.ports.get(endKey(a));
    const to = layout.ports.get(endKey(b));
    if (!from || !to) continue;
    const points = kind === "wire" ? wire(layout, from, to, sharedWire) : route(layout, from, to);
    layout.links.push({ kind, a, b, points });
    for (const point of points) {
      below = Math.max(below, point.y);
      layout.w = Math.max(layout.w, point.x + 8);
    }
  }
  layout.h = Math.max(layout.h, below + 8);
  return layout;
}
