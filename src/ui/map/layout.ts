import type { MapLink, MapNamespace, Topology } from "../../worker/protocol.ts";
import { shortName } from "../terminal/names.ts";
import { type Box, endKey, type Layout, type NodeArea, type Port } from "./geometry.ts";
import { routeLinks } from "./route.ts";

const PORT_H = 20;
const PORT_GAP = 6;
const PAD = 14;
const COLUMN_GAP = 14;
/** Between the pods and the node's strip: room for the links. */
export const LINK_GAP = 44;
const ROW_GAP = 18;
/** A lane beside a column for the link of a pod that is not in the first row. */
export const LANE = 12;
const NODE_GAP = 84;
const HEAD = 40;
const STRIP_MIDDLE = 40;
const MAX_COLUMNS = 6;
const MIN_BOX = 96;

/** A port is as wide as its name. */
export function portWidth(name: string): number {
  return Math.ceil(name.length * 6.3) + 12;
}

function titleOf(ns: MapNamespace): string {
  if (ns.kind !== "pod" || !ns.app) return ns.name;
  const short = shortName(ns.name, ns.app);
  return /^v\d+$/.test(short) ? `${ns.app} ${short}` : ns.app;
}

/** A pod or a namespace beside its node's strip, before it has a place. */
interface Satellite {
  ns: MapNamespace;
  title: string;
  w: number;
  h: number;
  /** Devices of the strip that it is tied to, in the order of its own. */
  peers: number[];
  top: boolean;
  row: number;
}

interface Column {
  cells: Satellite[];
  w: number;
  x: number;
}

function rowWidth(names: string[]): number {
  return names.reduce((sum, name) => sum + portWidth(name) + PORT_GAP, -PORT_GAP);
}

function tiesOf(ns: number, core: number, links: MapLink[]): Map<number, number> {
  const ties = new Map<number, number>();
  for (const { a, b } of links) {
    if (a.ns === ns && b.ns === core) ties.set(a.ifindex, b.ifindex);
    else if (b.ns === ns && a.ns === core) ties.set(b.ifindex, a.ifindex);
  }
  return ties;
}

function satelliteOf(ns: MapNamespace, core: MapNamespace, links: MapLink[]): Satellite {
  const ties = tiesOf(ns.id, core.id, links);
  const names = ns.devices.filter((dev) => dev.kind !== "loopback").map((dev) => dev.name);
  const peers = ns.devices.flatMap((dev) => ties.get(dev.ifindex) ?? []);
  const peerNames = peers.map((i) => core.devices.find((dev) => dev.ifindex === i)?.name ?? "");
  const title = titleOf(ns);
  const words = Math.max(title.length * 7.6 + 48, (ns.ip || ns.name).length * 6.4) + 20;
  const w = Math.max(MIN_BOX, words, rowWidth(names) + 16, rowWidth(peerNames));
  return { ns, title, w, h: HEAD + PORT_H + 8, peers, top: true, row: 0 };
}

/** Wide ones first, each to the side that has more room; one or two all stand on top. */
function takeSides(satellites: Satellite[]): void {
  if (satellites.length < 3) return;
  let top = 0;
  let bottom = 0;
  for (const one of satellites.toSorted((x, y) => y.w - x.w || x.ns.id - y.ns.id)) {
    one.top = top <= bottom;
    if (one.top) top += one.w;
    else bottom += one.w;
  }
}

function columnsOf(side: Satellite[], core: MapNamespace): Column[] {
  const rows = Math.max(1, Math.ceil(side.length / MAX_COLUMNS));
  const columns: Column[] = [];
  for (let i = 0; i < side.length; i += rows) {
    const cells = side.slice(i, i + rows);
    for (const [row, cell] of cells.entries()) cell.row = row;
    const names = cells.flatMap((cell) =>
      cell.peers.map((p) => core.devices.find((dev) => dev.ifindex === p)?.name ?? ""),
    );
    const lanes = (cells.length - 1) * LANE;
    const w = Math.max(...cells.map((cell) => cell.w), rowWidth(names)) + lanes;
    columns.push({ cells, w, x: 0 });
  }
  return columns;
}

function spread(columns: Column[], width: number): void {
  const total = columns.reduce((sum, column) => sum + column.w + COLUMN_GAP, -COLUMN_GAP);
  let x = Math.max(0, (width - total) / 2);
  for (const column of columns) {
    column.x = x;
    x += column.w + COLUMN_GAP;
  }
}

interface Plan {
  name: string;
  core: MapNamespace;
  top: Column[];
  bottom: Column[];
  w: number;
  topH: number;
  bottomH: number;
  loose: string[];
  nics: string[];
}

function height(columns: Column[]): number {
  const heights = columns.map((column) =>
    column.cells.reduce((sum, cell) => sum + cell.h + ROW_GAP, -ROW_GAP),
  );
  return heights.length ? Math.max(...heights) + LINK_GAP : 0;
}

function planOf(name: string, core: MapNamespace, topology: Topology): Plan {
  const satellites = topology.namespaces
    .filter((ns) => ns.node === name && ns !== core)
    .map((ns) => satelliteOf(ns, core, topology.links));
  takeSides(satellites);
  const tied = new Set(satellites.flatMap((one) => one.peers));
  const nics = core.devices.filter((dev) => dev.kind === "nic").map((dev) => dev.name);
  const loose = core.devices
    .filter((dev) => dev.kind !== "nic" && !tied.has(dev.ifindex))
    .map((dev) => dev.name);
  const top = columnsOf(
    satellites.filter((one) => one.top),
    core,
  );
  const bottom = columnsOf(
    satellites.filter((one) => !one.top),
    core,
  );
  const total = (columns: Column[]): number =>
    columns.reduce((sum, column) => sum + column.w + COLUMN_GAP, -COLUMN_GAP);
  const middle = core.name.length * 8 + 110 + rowWidth(loose) + rowWidth(nics) + 30;
  const w = Math.max(240, total(top), total(bottom), middle);
  return { name, core, top, bottom, w, topH: height(top), bottomH: height(bottom), loose, nics };
}

/** Place a node: its pods, its strip, every device. */
function place(plan: Plan, x0: number, y0: number, topH: number, nicLeft: boolean): Box[] {
  const { core } = plan;
  const left = x0 + PAD;
  const boxes: Box[] = [];
  const stripY = y0 + PAD + topH;
  const topRow = plan.top.length ? PORT_H + 6 : 0;
  const bottomRow = plan.bottom.length ? PORT_H + 6 : 0;
  const strip: Box = {
    ns: core,
    title: core.name,
    x: left,
    y: stripY,
    w: plan.w,
    h: topRow + STRIP_MIDDLE + bottomRow,
    ports: [],
    label: { x: left + 10, y: stripY + topRow + STRIP_MIDDLE / 2 },
  };
  const port = (ns: MapNamespace, ifindex: number, x: number, y: number): Port | null => {
    const device = ns.devices.find((dev) => dev.ifindex === ifindex);
    return device ? { device, ns: ns.id, x, y, w: portWidth(device.name), h: PORT_H } : null;
  };
  for (const top of [true, false]) {
    const columns = top ? plan.top : plan.bottom;
    spread(columns, plan.w);
    for (const column of columns) {
      const peers = column.cells.toReversed().flatMap((cell) => cell.peers);
      const names = peers.map((p) => core.devices.find((d) => d.ifindex === p)?.name ?? "");
      let px = left + column.x + (column.w - rowWidth(names)) / 2;
      for (const peer of peers) {
        const y = top ? stripY + 4 : stripY + strip.h - PORT_H - 4;
        const made = port(core, peer, px, y);
        if (!made) continue;
        strip.ports.push(made);
        px += made.w + PORT_GAP;
      }
      let y = top ? stripY - LINK_GAP : stripY + strip.h + LINK_GAP;
      for (const cell of column.cells) {
        const lanes = (column.cells.length - 1) * LANE;
        const x = left + column.x + lanes + (column.w - lanes - cell.w) / 2;
        const cellY = top ? y - cell.h : y;
        boxes.push(satelliteBox(cell, x, cellY, top, port));
        y = top ? cellY - ROW_GAP : cellY + cell.h + ROW_GAP;
      }
    }
  }
  const middleY = stripY + topRow + (STRIP_MIDDLE - PORT_H) / 2;
  let nicX = nicLeft ? left + 6 : left + plan.w - 6;
  let looseX = left + core.name.length * 8 + 100;
  if (nicLeft) {
    const shift = plan.nics.length ? rowWidth(plan.nics) + 12 : 0;
    strip.label.x += shift;
    looseX += shift;
  }
  for (const device of core.devices) {
    if (strip.ports.some((one) => one.device === device)) continue;
    const made = port(core, device.ifindex, looseX, middleY);
    if (!made) continue;
    if (device.kind === "nic") {
      made.x = nicLeft ? nicX : nicX - made.w;
      nicX += nicLeft ? made.w + PORT_GAP : -made.w - PORT_GAP;
    } else looseX += made.w + PORT_GAP;
    strip.ports.push(made);
  }
  return [strip, ...boxes];
}

function satelliteBox(
  cell: Satellite,
  x: number,
  y: number,
  top: boolean,
  port: (ns: MapNamespace, ifindex: number, x: number, y: number) => Port | null,
): Box {
  const { ns, title, w, h } = cell;
  const box: Box = { ns, title, x, y, w, h, ports: [], label: { x: x + 10, y: 0 } };
  box.label.y = top ? y + 16 : y + PORT_H + 8 + 14;
  const rest = ns.devices.filter((dev) => dev.kind !== "loopback");
  let px = x + (w - rowWidth(rest.map((dev) => dev.name))) / 2;
  const rowY = top ? y + h - PORT_H - 5 : y + 5;
  for (const dev of rest) {
    const made = port(ns, dev.ifindex, px, rowY);
    if (!made) continue;
    box.ports.push(made);
    px += made.w + PORT_GAP;
  }
  const lo = ns.devices.find((dev) => dev.kind === "loopback");
  const made = lo ? port(ns, lo.ifindex, 0, box.label.y - 11) : null;
  if (made) box.ports.push({ ...made, x: x + w - made.w - 6 });
  return box;
}

/**
 * Where everything on the map is: nodes side by side (or, `stacked`, one below the other), in each
 * the strip of its own namespace with pods above and below it. Depends on nothing but its input.
 */
export function layoutOf(topology: Topology, stacked: boolean): Layout {
  const cores = topology.namespaces.filter((ns) => ns.kind === "node");
  const plans = cores.map((core) => planOf(core.node, core, topology));
  const perRow = stacked ? 1 : plans.length > 3 ? Math.ceil(Math.sqrt(plans.length)) : plans.length;
  const nodes: NodeArea[] = [];
  const boxes: Box[] = [];
  let y = 0;
  let widest = 0;
  const columnWidth = (at: number): number =>
    Math.max(...plans.filter((_, i) => i % perRow === at).map((plan) => plan.w + 2 * PAD));
  for (let first = 0; first < plans.length; first += perRow) {
    const row = plans.slice(first, first + perRow);
    const topH = Math.max(...row.map((plan) => plan.topH));
    let x = 0;
    let rowH = 0;
    for (const [i, plan] of row.entries()) {
      const nicLeft = plans.length === 2 && !stacked && i === 1;
      const made = place(plan, x, y, topH, nicLeft);
      const strip = made[0] as Box;
      const h = topH + strip.h + Math.max(...row.map((one) => one.bottomH)) + 2 * PAD;
      nodes.push({ name: plan.name, x, y, w: plan.w + 2 * PAD, h });
      boxes.push(...made);
      rowH = Math.max(rowH, h);
      x += columnWidth(i) + (i < row.length - 1 ? NODE_GAP : 0);
    }
    widest = Math.max(widest, x);
    y += rowH + 40;
  }
  const ports = new Map<string, Port>();
  for (const box of boxes)
    for (const port of box.ports)
      ports.set(endKey({ ns: port.ns, ifindex: port.device.ifindex }), port);
  const layout: Layout = { w: widest, h: Math.max(0, y - 40), nodes, boxes, links: [], ports };
  return routeLinks(layout, topology.links, plans.length > 2 || stacked);
}
