import { podReady } from "../kube/objects.ts";
import type { NetDevice } from "../net/device/device.ts";
import type { GeneveDevice } from "../net/device/geneve.ts";
import { Nic } from "../net/device/nic.ts";
import { Veth } from "../net/device/veth.ts";
import type { VxlanDevice } from "../net/device/vxlan.ts";
import type { NetNs } from "../net/netns.ts";
import { formatIpv4, formatMac } from "../wire/address.ts";
import type { World } from "../world/world.ts";
import type { MapDevice, MapLink, MapNamespace, Topology } from "./protocol.ts";

// By kind, not by class: most worlds have no tunnels, and need not load what they are made of.
function isGeneve(dev: NetDevice): dev is GeneveDevice {
  return dev.kind === "geneve";
}

function isVxlan(dev: NetDevice): dev is VxlanDevice {
  return dev.kind === "vxlan";
}

function detail(dev: NetDevice): string {
  if (isGeneve(dev)) return `geneve id ${dev.vni} remote ${formatIpv4(dev.remote)}`;
  if (isVxlan(dev))
    return `vxlan id ${dev.vni}${dev.remote ? ` remote ${formatIpv4(dev.remote)}` : ""}`;
  return dev.kind;
}

function mapDevice(dev: NetDevice): MapDevice {
  return {
    ifindex: dev.ifindex,
    name: dev.name,
    kind: dev.kind || (dev.isLoopback ? "loopback" : "nic"),
    up: dev.up,
    mtu: dev.mtu,
    mac: formatMac(dev.mac),
    addresses: dev.addresses.map((a) => `${formatIpv4(a.local)}/${a.prefixLength}`),
    detail: detail(dev),
  };
}

/** Everything that the map draws, from the machines as they are now. */
export function topologyOf(world: World): Topology {
  const namespaces: MapNamespace[] = [];
  const links: MapLink[] = [];
  const kernels = new Set([...world.machines.values()].map((machine) => machine.kernel));
  const pods = world.cluster?.store.list("Pod") ?? [];
  const spaces: NetNs[] = [];
  for (const kernel of kernels)
    for (const ns of kernel.namespaces) {
      spaces.push(ns);
      const pod = pods.find(
        (p) =>
          !p.spec.hostNetwork && p.metadata.name === ns.label && p.spec.nodeName === kernel.name,
      );
      const named = [...kernel.named].find(([, other]) => other === ns)?.[0];
      namespaces.push({
        id: ns.id,
        name: pod?.metadata.name ?? named ?? ns.label,
        node: kernel.name,
        kind: ns === kernel.init ? "node" : pod ? "pod" : "netns",
        app: pod?.metadata.labels?.app ?? "",
        machine: ns === kernel.init ? kernel.name : (pod?.metadata.name ?? ""),
        ip: pod?.status.podIP ?? "",
        devices: [...ns.devices.values()].map(mapDevice),
      });
    }
  const wired = new Set<object>();
  for (const ns of spaces)
    for (const dev of ns.devices.values()) {
      const a = { ns: ns.id, ifindex: dev.ifindex };
      if (dev instanceof Veth && dev.peer && !wired.has(dev.peer)) {
        wired.add(dev);
        links.push({ kind: "veth", a, b: { ns: dev.peer.ns.id, ifindex: dev.peer.ifindex } });
      }
      if (dev instanceof Nic && dev.segment)
        for (const port of dev.segment.ports)
          if (port !== dev && !wired.has(port)) {
            wired.add(dev);
            links.push({ kind: "wire", a, b: { ns: port.ns.id, ifindex: port.ifindex } });
          }
      if (isGeneve(dev)) {
        const other = tunnelPeer(spaces, dev);
        if (other && !wired.has(other)) {
          wired.add(dev);
          links.push({ kind: "tunnel", a, b: { ns: other.ns.id, ifindex: other.ifindex } });
        }
      }
    }
  const machines = [...world.machines.values()].map((machine) => {
    const pod = pods.find((p) => p.metadata.name === machine.name);
    return {
      name: machine.name,
      label: pod?.metadata.labels?.app ?? machine.name,
      node: machine.kernel.name,
    };
  });
  const first = world.first.name;
  machines.sort((x, y) => Number(y.name === first) - Number(x.name === first));
  return {
    world: { name: world.spec.name, title: world.spec.title, summary: world.spec.summary },
    differs: world.spec.differs,
    try: world.spec.try,
    namespaces,
    links,
    machines,
  };
}

/** The device at the other end of a tunnel: same VNI, in the namespace that has the remote's address. */
function tunnelPeer(spaces: NetNs[], dev: GeneveDevice): GeneveDevice | null {
  for (const ns of spaces) {
    if (ns === dev.ns || ns.kernel !== dev.ns.kernel || !ns.fib.isLocal(dev.remote)) continue;
    for (const other of ns.devices.values())
      if (isGeneve(other) && other.vni === dev.vni) return other;
  }
  return null;
}

/** Changes when the topology must be drawn anew; cheap enough for every batch. */
export function topologyKey(world: World): string {
  const parts: string[] = [];
  const kernels = new Set([...world.machines.values()].map((machine) => machine.kernel));
  for (const kernel of kernels)
    for (const ns of kernel.namespaces)
      for (const dev of ns.devices.values())
        parts.push(
          `${ns.id}/${dev.ifindex}/${dev.name}/${dev.up ? 1 : 0}/${dev.mtu}/${dev.addresses.map((a) => `${a.local}/${a.prefixLength}`).join()}`,
        );
  for (const pod of world.cluster?.store.list("Pod") ?? [])
    parts.push(`${pod.metadata.name}/${podReady(pod)}`);
  return parts.join(" ");
}
