import type { Machine } from "../../host/machine.ts";
import type { Cluster } from "../../kube/cluster.ts";
import type { Timer, Wakeable } from "../../sim/sim.ts";
import type { Identity } from "../../tls/config.ts";
import { generateKey, type RandomSource } from "../../tls/x509/key.ts";
import { makeName } from "../../tls/x509/name.ts";
import { makeRequest } from "../../tls/x509/request.ts";
import { SignatureCache } from "../../tls/x509/verify.ts";
import type { CertificateAuthority, Refusal } from "./authority.ts";

/** A certificate that is held, and when another will be asked for. */
interface Held {
  identity: Identity;
  renewal: Timer;
}

/**
 * The certificates that a node's proxy holds in the name of the workloads on its node: one for each
 * service account, asked for when it is first needed, anew when half of its life is over (istio:
 * ztunnel's secret manager).
 */
export class WorkloadSecrets implements Wakeable {
  cluster: Cluster;
  machine: Machine;
  node: string;
  authority: CertificateAuthority;
  random: RandomSource;
  held = new Map<string, Held>();
  signatures = new SignatureCache();

  constructor(cluster: Cluster, machine: Machine, node: string, authority: CertificateAuthority) {
    this.cluster = cluster;
    this.machine = machine;
    this.node = node;
    this.authority = authority;
    this.random = machine.sim.rng(`secrets ${node}`);
  }

  /** ms since 1970, by the virtual clock. */
  get now(): number {
    const { sim } = this.machine;
    return sim.epoch + Math.floor(sim.now / 1e6);
  }

  /** The certificate and key of a workload identity; why there is none otherwise. */
  identity(id: string): Identity | Refusal {
    const held = this.held.get(id);
    return held ? held.identity : this.fetch(id);
  }

  fetch(id: string): Identity | Refusal {
    if (!this.mayAsk(id))
      return { code: "UNAUTHENTICATED", message: `request authenticate failure for ${id}` };
    const { authority, random, now, machine } = this;
    const key = generateKey("p256", random);
    const request = makeRequest(
      { subject: makeName([]), alternativeNames: [{ kind: "uri", value: id }] },
      key,
    );
    const certificate = authority.sign(request, id, now);
    if ("code" in certificate) return certificate;
    const identity = { chain: [certificate], key };
    const half = (certificate.notAfter - now) / 2;
    const renewal = machine.sim.after(half * 1e6, this, "renew", id);
    this.held.set(id, { identity, renewal });
    return identity;
  }

  /** A node's proxy may ask for who runs on its node (istio: pilot/pkg/serviceregistry/kube, NodeAuthorizer). */
  mayAsk(id: string): boolean {
    return this.cluster.store
      .list("Pod")
      .some(
        (pod) =>
          pod.spec.nodeName === this.node &&
          this.authority.identity(
            pod.metadata.namespace ?? "",
            pod.spec.serviceAccountName ?? "default",
          ) === id,
      );
  }

  wake(_reason: string, arg: unknown): void {
    const id = arg as string;
    this.held.delete(id);
    this.fetch(id);
  }

  stop(): void {
    for (const { renewal } of this.held.values()) renewal.cancel();
    this.held.clear();
  }
}
