import type { IstioWorkload, Snapshot } from "../registry.ts";

/**
 * What a workload is to the preview's mesh: its label "ambient-type", or what its namespace and its
 * annotations make of it (istio: pilot/pkg/ambient, workload_cache.go).
 */
export function ambientType(workload: IstioWorkload): string {
  const label = workload.labels["ambient-type"];
  if (label) return label;
  const captured =
    workload.ambient && workload.annotations["ambient.istio.io/redirection"] !== "disabled";
  return captured ? "workload" : "none";
}

/** Workloads of the mesh by what generators ask for (istio: pilot/pkg/ambient, Indexes). */
export class AmbientIndex {
  snapshot: Snapshot;
  /** Those in the mesh. */
  workloads: IstioWorkload[];
  byIdentity = new Map<string, IstioWorkload[]>();

  constructor(snapshot: Snapshot) {
    this.snapshot = snapshot;
    this.workloads = snapshot.workloads.filter((w) => ambientType(w) === "workload");
    for (const workload of this.workloads) {
      const known = this.byIdentity.get(workload.identity);
      if (known) known.push(workload);
      else this.byIdentity.set(workload.identity, [workload]);
    }
  }

  /** Those on a node. */
  nodeLocal(node: string): IstioWorkload[] {
    return this.workloads.filter((workload) => workload.node === node);
  }

  /** Of each identity on a node its oldest workload there: its secret is presented. */
  nodeLocalByIdentity(node: string): Map<string, IstioWorkload> {
    const found = new Map<string, IstioWorkload>();
    for (const workload of this.nodeLocal(node))
      if (!found.has(workload.identity)) found.set(workload.identity, workload);
    return found;
  }

  /** Those that are a destination of their own: in the mesh, or in no part of it. */
  destinations(): IstioWorkload[] {
    const none = this.snapshot.workloads.filter((w) => ambientType(w) === "none");
    return [...this.workloads, ...none];
  }

  byIp(ip: string): IstioWorkload | null {
    return this.workloads.find((workload) => workload.ip === ip && !workload.hostNetwork) ?? null;
  }
}
