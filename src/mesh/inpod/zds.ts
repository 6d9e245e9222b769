import type { Machine } from "../../host/machine.ts";
import { MSEC, SEC, type Timer, type Wakeable } from "../../sim/sim.ts";
import type { Ztunnel } from "../ztunnel/ztunnel.ts";
import { InpodAgent } from "./agent.ts";
import { ZDS_SOCKET } from "./sockets.ts";

const FIRST_RETRY = 10 * MSEC;
const LAST_RETRY = 15 * SEC;

/**
 * ztunnel's connection to the agent of its node (ztunnel: src/inpod/workloadmanager.rs): it connects,
 * and again whenever the agent has gone. The messages stay on the node, in a Unix socket.
 */
export class ZdsClient implements Wakeable {
  ztunnel: Ztunnel;
  node: Machine;
  agent: InpodAgent | null = null;
  backoff = FIRST_RETRY;
  timer: Timer | null;

  constructor(ztunnel: Ztunnel, node: Machine) {
    this.ztunnel = ztunnel;
    this.node = node;
    this.timer = node.sim.after(0, this, "connect");
  }

  wake(): void {
    const agent = this.node.unixSockets.get(ZDS_SOCKET);
    const { log } = this.ztunnel;
    if (agent instanceof InpodAgent) {
      this.timer = null;
      this.backoff = FIRST_RETRY;
      this.agent = agent;
      log.write("info", "inpod::workloadmanager", "handling new stream");
      agent.ztunnelConnected(this);
      return;
    }
    log.write(
      "warn",
      "inpod::workloadmanager",
      `failed to connect to the Istio CNI node agent over "${ZDS_SOCKET}", is the node agent healthy? details: Os { code: 2, kind: NotFound, message: "No such file or directory" }. retrying in ${this.backoff / MSEC}ms`,
    );
    this.timer = this.node.sim.after(this.backoff, this, "connect");
    this.backoff = Math.min(this.backoff * 2, LAST_RETRY);
  }

  /** The agent has gone. */
  disconnected(): void {
    this.agent = null;
    this.ztunnel.log.write("info", "inpod::workloadmanager", "process stream ended with eof");
    this.ztunnel.awaitAgain("proxy networking");
    this.timer = this.node.sim.after(0, this, "connect");
  }

  stop(): void {
    this.timer?.cancel();
    this.agent?.ztunnelDisconnected(this);
    this.ztunnel.stop();
  }
}
