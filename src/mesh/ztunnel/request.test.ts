import { beforeEach, describe, expect, it } from "vitest";
import { Rng } from "../../base/rng.ts";
import { formatIpv4, parseIpv4 } from "../../wire/address.ts";
import { buildRequest } from "./request.ts";
import { type GatewayAddress, ProxyState, type Service, type WorkloadUpdate } from "./state.ts";

const ip = (text: string): number => parseIpv4(text) ?? 0;
const NODE = "node-1";

function workload(name: string, address: string, more: Partial<WorkloadUpdate> = {}) {
  return {
    uid: name,
    workloadIps: [ip(address)],
    waypoint: null,
    protocol: "HBONE" as const,
    networkMode: "Standard" as const,
    name,
    namespace: "default",
    trustDomain: "td",
    serviceAccount: name,
    network: "",
    workloadName: name,
    workloadType: "deployment",
    canonicalName: name,
    canonicalRevision: "v1",
    hostname: "",
    node: NODE,
    nativeTunnel: false,
    authorizationPolicies: [],
    status: "Healthy" as const,
    clusterId: "Kubernetes",
    capacity: 1,
    services: new Map<string, Map<number, number>>(),
    ...more,
  };
}
const service = (name: string, vip: string, more: Partial<Service> = {}): Service => ({
  name,
  namespace: "default",
  hostname: name,
  vips: [ip(vip)],
  ports: new Map([[80, 8080]]),
  endpoints: new Map(),
  waypoint: null,
  subjectAltNames: [],
  ...more,
});
const of = (name: string, port = 8080) => new Map([[`default/${name}`, new Map([[80, port]])]]);
const at = (address: string): GatewayAddress => ({
  destination: { address: ip(address) },
  hboneMtlsPort: 15008,
});

let state: ProxyState;
beforeEach(() => {
  state = new ProxyState();
  state.insertWorkload(workload("client", "10.0.0.1"));
  state.insertService(service("svc", "10.96.0.1"));
  state.insertWorkload(workload("mesh", "10.0.0.2", { services: of("svc") }));
});

/** "HBONE 10.0.0.2:15008 10.0.0.2:8080", or why not. */
function decide(to: string, port: number, from = "client"): string {
  const source = state.workloads.get(from);
  if (!source) throw new Error(from);
  const address = source.workloadIps[0] ?? 0;
  const target = { address: ip(to), port };
  const r = buildRequest(state, source, address, target, 15008, new Rng(1, "x"));
  return "error" in r
    ? r.error
    : `${r.protocol} ${formatIpv4(r.address)}:${r.port} ${r.authority}`.trim();
}

describe("where a captured connection goes", () => {
  it("to an endpoint of the Service, through its pod's tunnel", () => {
    expect(decide("10.96.0.1", 80)).toBe("HBONE 10.0.0.2:15008 10.0.0.2:8080");
  });
  it("to an endpoint that is not in the mesh, as it is", () => {
    state.insertWorkload(workload("mesh", "10.0.0.2", { services: of("svc"), protocol: "TCP" }));
    expect(decide("10.96.0.1", 80)).toBe("TCP 10.0.0.2:8080");
  });
  it("to the port that the endpoint says, where the Service's is a name", () => {
    state.insertService(service("svc", "10.96.0.1", { ports: new Map([[80, 0]]) }));
    state.insertWorkload(workload("mesh", "10.0.0.2", { services: of("svc", 9090) }));
    expect(decide("10.96.0.1", 80)).toBe("HBONE 10.0.0.2:15008 10.0.0.2:9090");
  });
  it("nowhere without a healthy endpoint, or at a port that the Service has not", () => {
    expect(decide("10.96.0.1", 81)).toBe("no healthy upstream: 10.96.0.1:81");
    state.insertWorkload(
      workload("mesh", "10.0.0.2", { services: of("svc"), status: "Unhealthy" }),
    );
    expect(decide("10.96.0.1", 80)).toBe("no healthy upstream: 10.96.0.1:80");
    state.removeWorkload("mesh");
    expect(decide("10.96.0.1", 80)).toBe("no healthy upstream: 10.96.0.1:80");
  });
  it("to a pod by its address", () => {
    expect(decide("10.0.0.2", 9999)).toBe("HBONE 10.0.0.2:15008 10.0.0.2:9999");
  });
  it("on as it came, when nobody knows the address", () => {
    expect(decide("192.0.2.1", 443)).toBe("TCP 192.0.2.1:443");
  });
  it("not to a pod in its node's network by the node's address", () => {
    state.insertWorkload(workload("agent", "10.1.1.1", { networkMode: "HostNetwork" }));
    expect(decide("10.1.1.1", 80)).toBe("TCP 10.1.1.1:80");
  });
  it("to every endpoint in turn, by chance", () => {
    state.insertWorkload(workload("second", "10.0.0.3", { services: of("svc") }));
    const source = state.workloads.get("client");
    if (!source) throw new Error("client");
    const chance = new Rng(1, "x");
    const target = { address: ip("10.96.0.1"), port: 80 };
    const seen = new Set<string>();
    for (let i = 0; i < 20; i++) {
      const r = buildRequest(state, source, 1, target, 15008, chance);
      seen.add("error" in r ? r.error : r.authority);
    }
    expect([...seen].sort()).toEqual(["10.0.0.2:8080", "10.0.0.3:8080"]);
  });

  describe("with a waypoint", () => {
    beforeEach(() => {
      state.insertWorkload(workload("waypoint", "10.0.0.9", { protocol: "TCP" }));
    });
    it("of the Service: to it, with the Service's address", () => {
      state.insertService(service("svc", "10.96.0.1", { waypoint: at("10.0.0.9") }));
      expect(decide("10.96.0.1", 80)).toBe("HBONE 10.0.0.9:15008 10.96.0.1:80");
    });
    it("of the pod: only when the pod was addressed", () => {
      const more = { services: of("svc"), waypoint: at("10.0.0.9") };
      state.insertWorkload(workload("mesh", "10.0.0.2", more));
      expect(decide("10.0.0.2", 8080)).toBe("HBONE 10.0.0.9:15008 10.0.0.2:8080");
      expect(decide("10.96.0.1", 80)).toBe("HBONE 10.0.0.2:15008 10.0.0.2:8080");
    });
    it("not again when it comes from there", () => {
      state.insertWorkload(workload("mesh", "10.0.0.2", { waypoint: at("10.0.0.9") }));
      expect(decide("10.0.0.2", 8080, "waypoint")).toBe("HBONE 10.0.0.2:15008 10.0.0.2:8080");
    });
    it("that is a Service: to one of its pods", () => {
      state.insertService(service("wp", "10.96.0.9", { ports: new Map([[15008, 15008]]) }));
      const member = new Map([["default/wp", new Map([[15008, 15008]])]]);
      state.insertWorkload(workload("waypoint", "10.0.0.9", { protocol: "TCP", services: member }));
      state.insertService(service("svc", "10.96.0.1", { waypoint: at("10.96.0.9") }));
      expect(decide("10.96.0.1", 80)).toBe("HBONE 10.0.0.9:15008 10.96.0.1:80");
    });
    it("that nobody knows", () => {
      state.insertService(service("svc", "10.96.0.1", { waypoint: at("10.0.0.77") }));
      expect(decide("10.96.0.1", 80)).toBe("unknown waypoint: 10.0.0.77");
    });
  });
});

describe("the state", () => {
  it("keeps endpoints of a service that comes later, or goes and comes back", () => {
    state.removeService("default/svc");
    expect(decide("10.96.0.1", 80)).toBe("TCP 10.96.0.1:80");
    state.insertService(service("svc", "10.96.0.1"));
    expect(decide("10.96.0.1", 80)).toBe("HBONE 10.0.0.2:15008 10.0.0.2:8080");
  });
  it("forgets a workload everywhere", () => {
    state.removeWorkload("mesh");
    expect(decide("10.0.0.2", 80)).toBe("TCP 10.0.0.2:80");
    expect(state.services.get("default/svc")?.endpoints.size).toBe(0);
  });
});
