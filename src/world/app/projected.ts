import type { Machine } from "../../host/machine.ts";
import type { Pod } from "../../kube/api/pod.ts";
import type { ServiceAccountTokens } from "../../kube/tokens.ts";
import { SEC, type Timer, type Wakeable } from "../../sim/sim.ts";

/** A token is replaced when so much of its life is over (kubernetes: pkg/kubelet/token, token_manager.go). */
const RENEWAL = 0.8;

/** A projected volume with a token of the pod's service account: the kubelet keeps it fresh. */
export class ProjectedToken implements Wakeable {
  machine: Machine;
  tokens: ServiceAccountTokens;
  pod: Pod;
  path: string;
  audience: string;
  /** s */
  lifetime: number;
  timer: Timer | null = null;

  constructor(
    machine: Machine,
    tokens: ServiceAccountTokens,
    pod: Pod,
    path: string,
    audience: string,
    lifetime: number,
  ) {
    this.machine = machine;
    this.tokens = tokens;
    this.pod = pod;
    this.path = path;
    this.audience = audience;
    this.lifetime = lifetime;
    machine.fs.mkdirp(path.replace(/\/[^/]*$/, ""));
    this.wake();
  }

  wake(): void {
    const { name, namespace = "", uid } = this.pod.metadata;
    const { nodeName = "", serviceAccountName = "default" } = this.pod.spec;
    const token = this.tokens.request(
      nodeName,
      namespace,
      serviceAccountName,
      { name, uid },
      this.audience,
      this.lifetime,
    );
    if (token) this.machine.fs.writeFile(this.path, token);
    const due = this.lifetime * RENEWAL * SEC;
    this.timer = this.machine.sim.after(due, this, "renew");
  }

  stop(): void {
    this.timer?.cancel();
  }
}
