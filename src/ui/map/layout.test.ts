import { describe, expect, it } from "vitest";
import type { MapDevice, MapLink, MapNamespace, Topology } from "../../worker/protocol.ts";
import { along, type Rect, wayBetween } from "./geometry.ts";
import { layoutOf } from "./layout.ts";

function device(ifindex: number, name: string, kind: string): MapDevice {
  return { ifindex, name, kind, up: true, mtu: 1460, mac: "", addresses: [], detail: "" };
}

/** Nodes with so many pods each, every pod on a veth of its node, the first also by a tunnel. */
function cluster(pods: number[]): Topology {
  const namespaces: MapNamespace[] = [];
  const links: MapLink[] = [];
  for (const [n, count] of pods.entries()) {
    const node = `node-${n}`;
    const core: MapNamespace = {
      id: n + 1,
      name: node,
      node,
      kind: "node",
      app: "",
      machine: node,
      ip: "",
      devices: [device(1, "lo", "loopback"), device(2, "eth0", "nic")],
    };
    namespaces.push(core);
    for (let i = 0; i < count; i++) {
      const id = 100 * (n + 1) + i;
      core.devices.push(device(10 + i, `veth${id}beef`, "veth"));
      const devices = [device(1, "lo", "loopback"), device(2, "eth0", "veth")];
      if (i === 0) {
        core.devices.push(device(3, "istioout", "geneve"));
        devices.push(device(3, "pistioout", "geneve"));
        links.push({ kind: "tunnel", a: { ns: n + 1, ifindex: 3 }, b: { ns: id, ifindex: 3 } });
      }
      const name = `app${i}-7d44cdb5d5-lx8rp`;
      const app = `app${i}`;
      namespaces.push({ id, name, node, kind: "pod", app, machine: name, ip: "10.4.4.3", devices });
      links.push({ kind: "veth", a: { ns: n + 1, ifindex: 10 + i }, b: { ns: id, ifindex: 2 } });
    }
    if (n > 0) links.push({ kind: "wire", a: { ns: n, ifindex: 2 }, b: { ns: n + 1, ifindex: 2 } });
  }
  return {
    world: { name: "x", title: "X", summary: "" },
    differs: [],
    try: "",
    namespaces,
    links,
    machines: [],
  };
}

function overlap(a: Rect, b: Rect): boolean {
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
}

function inside(a: Rect, b: Rect): boolean {
  return a.x >= b.x && a.y >= b.y && a.x + a.w <= b.x + b.w && a.y + a.h <= b.y + b.h;
}

describe("layout", () => {
  for (const pods of [[0], [1], [3, 7], [2, 0], [20, 20], [5, 5, 5], [4, 9, 1, 0, 6]])
    for (const stacked of [false, true])
      it(`keeps ${pods.join(" + ")} pods apart${stacked ? ", stacked" : ""}`, () => {
        const topology = cluster(pods);
        const { nodes, boxes, ports, links } = layoutOf(topology, stacked);
        expect(boxes.length).toBe(topology.namespaces.length);
        expect(links.length).toBe(topology.links.length);
        for (const [i, a] of boxes.entries())
          for (const b of boxes.slice(i + 1))
            expect(overlap(a, b), `${a.title} and ${b.title}`).toBe(false);
        for (const [i, a] of nodes.entries())
          for (const b of nodes.slice(i + 1)) expect(overlap(a, b)).toBe(false);
        for (const box of boxes) {
          expect(nodes.some((node) => inside(box, node))).toBe(true);
          for (const [i, a] of box.ports.entries()) {
            expect(inside(a, box), `${a.device.name} in ${box.title}`).toBe(true);
            for (const b of box.ports.slice(i + 1)) expect(overlap(a, b)).toBe(false);
          }
        }
        for (const { kind, a, b, points } of links)
          for (let share = 0; kind === "wire" && share <= 1; share += 0.02) {
            const at = { ...along(points, share), w: 0, h: 0 };
            const crossed = boxes.filter(({ ns }) => ns.id !== a.ns && ns.id !== b.ns);
            for (const box of crossed) expect(inside(at, box), `wire in ${box.title}`).toBe(false);
          }
        expect(ports.size).toBe(topology.namespaces.flatMap((ns) => ns.devices).length);
      });

  it("draws namespaces made by hand, tied to each other or to nothing", () => {
    const topology = cluster([0]);
    const hand = (id: number, name: string): MapNamespace => ({
      ...(topology.namespaces[0] as MapNamespace),
      id,
      name,
      kind: "netns",
      machine: "",
      devices: [device(1, "lo", "loopback"), device(2, "v", "veth")],
    });
    topology.namespaces.push(hand(50, "red"), hand(51, "blue"), hand(52, "alone"));
    topology.links.push({ kind: "veth", a: { ns: 50, ifindex: 2 }, b: { ns: 51, ifindex: 2 } });
    const layout = layoutOf(topology, false);
    expect(layout.boxes.map((box) => box.title).sort()).toEqual(["alone", "blue", "node-0", "red"]);
    const way = wayBetween(layout, { ns: 50, ifindex: 2 }, { ns: 51, ifindex: 2 });
    expect(way?.length).toBeGreaterThan(2);
    expect(wayBetween(layout, { ns: 50, ifindex: 9 }, { ns: 51, ifindex: 2 })).toBe(null);
  });

  it("goes along a line by its length", () => {
    const line = [
      { x: 0, y: 0 },
      { x: 10, y: 0 },
      { x: 10, y: 30 },
    ];
    expect(along(line, 0)).toEqual({ x: 0, y: 0 });
    expect(along(line, 0.5)).toEqual({ x: 10, y: 10 });
    expect(along(line, 1)).toEqual({ x: 10, y: 30 });
  });
});
