import { performance } from "node:perf_hooks";
import { HboneTunnel, type TunnelOwner } from "../mesh/hbone/tunnel.ts";
import { TUNNEL } from "../mesh/ztunnel/pool.ts";
import { TcpSock } from "../net/tcp/sock.ts";
import { runToCompletion } from "../shell/script.ts";
import { SEC, type Wakeable } from "../sim/sim.ts";
import { TlsClient } from "../tls/client.ts";
import { TlsServer } from "../tls/server.ts";
import type { WorldSpec } from "../world/spec.ts";
import { World } from "../world/world.ts";
import { configs, memoryUsed } from "./bench-tls.ts";

const BULK = 20_000_000;
const TUNNELS = 1000;
const PORT = 15008;

/** MB/s of payload from one application to another: three TCP connections, Geneve, TLS, HTTP/2. */
function bulk(spec: WorldSpec): number {
  const world = new World(spec);
  const send = `head -c ${BULK} /dev/zero | nc -l -p 9999 -N`;
  const script = `kubectl exec deploy/productpage-v1 -- sh -c "${send}" &\nsleep 1\nnc 10.4.3.20 9999 | wc -c\n`;
  const start = performance.now();
  const { stdout } = runToCompletion(world.first, script);
  if (stdout.trim() !== String(BULK)) throw new Error(`bench: ${stdout.trim()} bytes arrived`);
  return BULK / (performance.now() - start) / 1000;
}

/** Both ends of many tunnels over the loopback of one machine. */
class Crowd implements Wakeable, TunnelOwner {
  listener: TcpSock;
  open = 0;
  tunnels: HboneTunnel[] = [];
  parties = configs();

  constructor(world: World, count: number) {
    const ns = world.first.netns;
    this.listener = new TcpSock(ns);
    this.listener.bind(0, PORT);
    this.listener.listen(4096);
    this.listener.readable.add(this);
    for (let i = 0; i < count; i++) {
      const sock = new TcpSock(ns);
      sock.connect(0x7f000001, PORT);
      this.tunnels.push(new HboneTunnel(sock, new TlsClient(this.parties.client), this, TUNNEL));
    }
  }

  wake(): void {
    for (let sock = this.listener.accept(); sock; sock = this.listener.accept())
      this.tunnels.push(new HboneTunnel(sock, new TlsServer(this.parties.server), this, TUNNEL));
    this.listener.readable.add(this);
  }

  requested(): void {}
  ready(): void {
    this.open++;
  }
  over(): void {}
}

/** MB that so many tunnels keep, both ends of each, sockets included. */
function crowd(spec: WorldSpec): number {
  const world = new World(spec, { trace: 1024 });
  runToCompletion(world.first, "sysctl -q -w net.core.somaxconn=4096\n");
  const before = memoryUsed();
  const crowd = new Crowd(world, TUNNELS);
  world.sim.runUntil(world.sim.now + 5 * SEC);
  if (crowd.open !== 2 * TUNNELS) throw new Error(`bench: ${crowd.open} ends are open`);
  return (memoryUsed() - before) / 1e6;
}

/** The mesh: bulk through a tunnel of a world, memory of many. */
export function benchMesh(
  ambient: WorldSpec,
  linux: WorldSpec,
): { what: string; value: string; aim: string }[] {
  bulk(ambient);
  const rate = Math.max(bulk(ambient), bulk(ambient));
  return [
    {
      what: "mesh: payload through one tunnel of ambient-2022",
      value: `${rate.toFixed(1)} MB/s`,
      aim: "5 MB/s",
    },
    {
      what: `mesh: ${TUNNELS} tunnels alive, both ends`,
      value: `${crowd(linux).toFixed(0)} MB`,
      aim: "150 MB",
    },
  ];
}
