import type { Run } from "../../../host/process.ts";
import type { Pod } from "../../../kube/api/pod.ts";
import { type Istioctl, IstioctlError, portForward } from "./context.ts";
import { isToday } from "./release.ts";

/** Debug pages and the version (istio: pkg/kube/client.go, FindIstiodMonitoringPort). */
const MONITORING_PORT = 15014;

/** How far a proxy is with one type (istio: pilot/pkg/xds/debug.go, ResourceStatus). */
export interface ResourceStatus {
  sent?: string;
  acked?: string;
  sentTime: string;
  lastError?: string;
}

/** A proxy, as istiod's page syncz has it (istio: pilot/pkg/xds/debug.go, SyncStatus). */
export interface SyncStatus {
  cluster_id?: string;
  proxy: string;
  proxy_type?: string;
  istio_version?: string;
  cluster_sent?: string;
  cluster_acked?: string;
  listener_sent?: string;
  listener_acked?: string;
  route_sent?: string;
  route_acked?: string;
  endpoint_sent?: string;
  endpoint_acked?: string;
  extensionconfig_sent?: string;
  extensionconfig_acked?: string;
  resources?: Record<string, ResourceStatus>;
}

/** Pods of istiod that run, of a revision (istio: pkg/kube/client.go, GetIstioPods). */
export function istiodsOf(ctx: Istioctl): Pod[] {
  const { cluster, istioNamespace } = ctx;
  // Today's asks for the revision "default" where nobody names one.
  const revision = ctx.options.get("revision") || (isToday(cluster) ? "default" : "");
  return cluster.store.list("Pod", istioNamespace).filter(({ metadata, status }) => {
    const { app, "istio.io/rev": rev } = metadata.labels ?? {};
    return app === "istiod" && status.phase === "Running" && (!revision || rev === revision);
  });
}

/** A page of an istiod's, through its pod's loopback; in words why there is none. */
export function* pageOf(ctx: Istioctl, pod: Pod, path: string): Run<{ body: string } | string> {
  const annotated = Number(pod.metadata.annotations?.["prometheus.io/port"] ?? MONITORING_PORT);
  const port = Number.isInteger(annotated) ? annotated : MONITORING_PORT;
  return yield* portForward(ctx, pod, port, path);
}

/** What every istiod says of its proxies (istio: AllDiscoveryDo). Throws IstioctlError. */
export function* allSyncz(ctx: Istioctl): Run<{ istiod: Pod; proxies: SyncStatus[] }[]> {
  const istiods = istiodsOf(ctx);
  if (istiods.length === 0) throw new IstioctlError("unable to find any Istiod instances");
  const out: { istiod: Pod; proxies: SyncStatus[] }[] = [];
  for (const istiod of istiods) {
    const answer = yield* pageOf(ctx, istiod, "debug/syncz");
    if (typeof answer === "string") throw new IstioctlError(answer);
    out.push({ istiod, proxies: JSON.parse(answer.body) as SyncStatus[] });
  }
  return out;
}
