import { goSeconds } from "../../base/go-duration.ts";
import { NetworkPolicyController } from "../../kube/netpol/controller.ts";
import { type HttpAnswer, type HttpHandler, HttpServer, httpDate } from "../../mesh/http-server.ts";
import { SEC, type Sim } from "../../sim/sim.ts";
import { daemon } from "../daemon.ts";
import type { App, AppContext } from "./registry.ts";

const BINARY = "/usr/local/bin/kube-router";
/** pkg/options/options.go */
const HEALTH_PORT = 20244;
const SYNC_PERIOD = 300 * SEC;
const SERVICE_RANGE = "10.96.0.0/12";
const NODE_PORTS = "30000-32767";

/** /healthz (pkg/healthcheck/health_controller.go). */
class Health implements HttpHandler {
  sim: Sim;

  constructor(sim: Sim) {
    this.sim = sim;
  }

  answer(): HttpAnswer {
    return {
      status: 200,
      fields: [
        ["date", httpDate(this.sim)],
        ["content-type", "text/plain; charset=utf-8"],
      ],
      body: "OK\n",
    };
  }
}

/** What stops with the container. */
class KubeRouter {
  controller: NetworkPolicyController;
  health: HttpServer;

  constructor(controller: NetworkPolicyController, health: HttpServer) {
    this.controller = controller;
    this.health = health;
  }

  stop(): void {
    this.controller.stop();
    this.health.stop();
  }
}

function argumentsOf({ pod, container }: AppContext): string[] {
  const { command = [], args = [] } =
    pod.spec.containers.find(({ name }) => name === container) ?? {};
  return [...command.slice(1), ...args];
}

/** Of kube-router its network policies only: neither routes nor Services. */
export const kubeRouter: App = {
  name: "kube-router",
  start(context) {
    const { world, machine, cluster, node, log } = context;
    const argv = argumentsOf(context);
    const option = (name: string): string | undefined =>
      argv.find((word) => word.startsWith(`--${name}=`))?.slice(name.length + 3);
    const process = daemon(machine, [BINARY, ...argv]);
    const server = new HttpServer(machine, process, 0, HEALTH_PORT, new Health(machine.sim));
    if (option("run-firewall") === "false") return server;
    const period = option("iptables-sync-period");
    const controller = new NetworkPolicyController(cluster, node, log, {
      syncPeriod: period ? goSeconds(period) * SEC : SYNC_PERIOD,
      serviceRange: option("service-cluster-ip-range") ?? SERVICE_RANGE,
      nodePorts: (option("service-node-port-range") ?? NODE_PORTS).replace("-", ":"),
    });
    world.proxies.push(controller);
    return new KubeRouter(controller, server);
  },
};
