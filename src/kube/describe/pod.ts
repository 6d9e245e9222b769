import type {
  Container,
  ContainerState,
  ContainerStatus,
  Pod,
  PodTemplate,
  Volume,
} from "../api/pod.ts";
import { since } from "../duration.ts";
import type { View } from "../kind.ts";
import { DescribeWriter, longTime } from "./writer.ts";

function state(
  w: DescribeWriter,
  title: string,
  { running, waiting, terminated }: ContainerState,
): void {
  if (running) {
    w.write(2, `${title}:\tRunning`);
    w.write(3, `Started:\t${longTime(running.startedAt)}`);
  } else if (terminated) {
    w.write(2, `${title}:\tTerminated`);
    if (terminated.reason) w.write(3, `Reason:\t${terminated.reason}`);
    if (terminated.message) w.write(3, `Message:\t${terminated.message}`);
    w.write(3, `Exit Code:\t${terminated.exitCode}`);
    w.write(3, `Started:\t${longTime(terminated.startedAt)}`);
    w.write(3, `Finished:\t${longTime(terminated.finishedAt)}`);
  } else {
    w.write(2, `${title}:\tWaiting`);
    if (waiting?.reason) w.write(3, `Reason:\t${waiting.reason}`);
  }
}

interface Probe {
  exec?: { command?: string[] };
  httpGet?: { scheme?: string; host?: string; port: number | string; path?: string };
  tcpSocket?: { host?: string; port: number | string };
  initialDelaySeconds?: number;
  timeoutSeconds?: number;
  periodSeconds?: number;
  successThreshold?: number;
  failureThreshold?: number;
}

function probeText(probe: Probe): string {
  const attributes = `delay=${probe.initialDelaySeconds ?? 0}s timeout=${probe.timeoutSeconds ?? 1}s period=${probe.periodSeconds ?? 10}s #success=${probe.successThreshold ?? 1} #failure=${probe.failureThreshold ?? 3}`;
  const { exec, httpGet, tcpSocket } = probe;
  if (exec) return `exec [${exec.command?.join(" ") ?? ""}] ${attributes}`;
  if (httpGet)
    return `http-get ${(httpGet.scheme ?? "HTTP").toLowerCase()}://${httpGet.host ?? ""}:${httpGet.port}${httpGet.path ?? "/"} ${attributes}`;
  if (tcpSocket) return `tcp-socket ${tcpSocket.host ?? ""}:${tcpSocket.port} ${attributes}`;
  return `unknown ${attributes}`;
}

function container(
  w: DescribeWriter,
  c: Container,
  status: ContainerStatus | undefined,
  space: string,
): void {
  w.write(1, `${space ? " " : ""}${c.name}:`);
  if (status) w.write(2, `Container ID:\t${status.containerID ?? ""}`);
  w.write(2, `Image:\t${c.image ?? ""}`);
  if (status) w.write(2, `Image ID:\t${status.imageID}`);
  const ports = (c.ports ?? []).map((p) => `${p.containerPort}/${p.protocol}`);
  const hostPorts = (c.ports ?? []).map((p) => `${p.hostPort ?? 0}/${p.protocol}`);
  const s = ports.length > 1 ? "s" : "";
  w.write(2, `Port${s}:\t${ports.join(", ") || "<none>"}`);
  w.write(2, `Host Port${s}:\t${hostPorts.join(", ") || "<none>"}`);
  const words = (title: string, list: readonly string[] | undefined): void => {
    if (!list?.length) return;
    w.write(2, `${title}:`);
    for (const line of list.flatMap((word) => word.split("\n"))) w.write(3, line);
  };
  words("Command", c.command);
  words("Args", c.args);
  if (status) {
    state(w, "State", status.state);
    if (status.lastState.terminated) state(w, "Last State", status.lastState);
    w.write(2, `Ready:\t${status.ready ? "True" : "False"}`);
    w.write(2, `Restart Count:\t${status.restartCount}`);
  }
  for (const [title, amounts] of [
    ["Limits", c.resources?.limits],
    ["Requests", c.resources?.requests],
  ] as const) {
    if (!amounts || Object.keys(amounts).length === 0) continue;
    w.write(2, `${title}:`);
    for (const name of Object.keys(amounts).sort()) w.write(3, `${name}:\t${amounts[name]}`);
  }
  if (c.livenessProbe) w.write(2, `Liveness:\t${probeText(c.livenessProbe as Probe)}`);
  if (c.readinessProbe) w.write(2, `Readiness:\t${probeText(c.readinessProbe as Probe)}`);
  if (c.startupProbe) w.write(2, `Startup:\t${probeText(c.startupProbe as Probe)}`);
  w.write(2, `Environment:${c.env?.length ? "" : "\t<none>"}`);
  for (const env of c.env ?? []) {
    const field = (
      env.valueFrom as { fieldRef?: { apiVersion?: string; fieldPath: string } } | undefined
    )?.fieldRef;
    if (field) w.write(3, `${env.name}:\t (${field.apiVersion ?? "v1"}:${field.fieldPath})`);
    else w.write(3, `${env.name}:\t${env.value ?? ""}`);
  }
  w.write(2, `Mounts:${c.volumeMounts?.length ? "" : "\t<none>"}`);
  const mounts = [...(c.volumeMounts ?? [])].sort((a, b) => (a.mountPath < b.mountPath ? -1 : 1));
  for (const mount of mounts) {
    const path = mount.subPath ? `,path="${mount.subPath}"` : "";
    w.write(3, `${mount.mountPath} from ${mount.name} (${mount.readOnly ? "ro" : "rw"}${path})`);
  }
}

export function containers(
  w: DescribeWriter,
  title: string,
  list: readonly Container[],
  statuses: readonly ContainerStatus[] = [],
  space = "",
): void {
  w.write(0, `${space}${title}:${list.length ? "" : " <none>"}`);
  for (const c of list)
    container(
      w,
      c,
      statuses.find((s) => s.name === c.name),
      space,
    );
}

interface ProjectedSource {
  configMap?: { name: string; optional?: boolean };
  downwardAPI?: object;
  serviceAccountToken?: { expirationSeconds?: number };
  secret?: { name: string };
}

function volume(w: DescribeWriter, v: Volume, space: string): void {
  w.write(1, `${space ? " " : ""}${v.name}:`);
  const { projected, configMap, emptyDir, hostPath, secret } = v as {
    projected?: { sources?: ProjectedSource[] };
    configMap?: { name: string; optional?: boolean };
    emptyDir?: { medium?: string; sizeLimit?: string };
    hostPath?: { path: string; type?: string };
    secret?: { secretName: string; optional?: boolean };
  };
  if (projected) {
    w.write(2, "Type:\tProjected (a volume that contains injected data from multiple sources)");
    for (const source of projected.sources ?? []) {
      if (source.secret) w.write(2, `SecretName:\t${source.secret.name}`);
      else if (source.downwardAPI) w.write(2, "DownwardAPI:\ttrue");
      else if (source.configMap) {
        w.write(2, `ConfigMapName:\t${source.configMap.name}`);
        w.write(2, `ConfigMapOptional:\t${source.configMap.optional ?? "<nil>"}`);
      } else if (source.serviceAccountToken)
        w.write(
          2,
          `TokenExpirationSeconds:\t${source.serviceAccountToken.expirationSeconds ?? 3600}`,
        );
    }
  } else if (configMap) {
    w.write(2, "Type:\tConfigMap (a volume populated by a ConfigMap)");
    w.write(2, `Name:\t${configMap.name}`);
    w.write(2, `Optional:\t${configMap.optional ?? false}`);
  } else if (emptyDir) {
    w.write(2, "Type:\tEmptyDir (a temporary directory that shares a pod's lifetime)");
    w.write(2, `Medium:\t${emptyDir.medium ?? ""}`);
    w.write(2, `SizeLimit:\t${emptyDir.sizeLimit ?? "<unset>"}`);
  } else if (hostPath) {
    w.write(2, "Type:\tHostPath (bare host directory volume)");
    w.write(2, `Path:\t${hostPath.path}`);
    w.write(2, `HostPathType:\t${hostPath.type ?? ""}`);
  } else if (secret) {
    w.write(2, "Type:\tSecret (a volume populated by a Secret)");
    w.write(2, `SecretName:\t${secret.secretName}`);
    w.write(2, `Optional:\t${secret.optional ?? false}`);
  } else w.write(1, "<unknown>");
}

function volumes(w: DescribeWriter, list: readonly Volume[] = [], space = ""): void {
  if (list.length === 0) return w.write(0, `${space}Volumes:\t<none>`);
  w.write(0, `${space}Volumes:`);
  for (const v of list) volume(w, v, space);
}

/** "Pod Template:" of a controller. */
export function template(w: DescribeWriter, { metadata, spec }: PodTemplate): void {
  w.write(0, "Pod Template:");
  w.labels("  Labels", metadata?.labels);
  if (metadata?.annotations) w.annotations("  Annotations", metadata.annotations);
  if (spec.serviceAccountName) w.write(1, `Service Account:\t${spec.serviceAccountName}`);
  if (spec.initContainers?.length) containers(w, "Init Containers", spec.initContainers, [], "  ");
  containers(w, "Containers", spec.containers, [], "  ");
  volumes(w, spec.volumes, "  ");
  if (spec.priorityClassName) w.write(1, `Priority Class Name:\t${spec.priorityClassName}`);
}

export function describePod(pod: Pod, view: View): string {
  const w = new DescribeWriter();
  const { metadata, spec, status } = pod;
  w.head(pod);
  w.write(0, `Priority:\t${spec.priority ?? 0}`);
  if (spec.priorityClassName) w.write(0, `Priority Class Name:\t${spec.priorityClassName}`);
  w.write(0, `Node:\t${spec.nodeName ? `${spec.nodeName}/${status.hostIP ?? ""}` : "<none>"}`);
  if (status.startTime) w.write(0, `Start Time:\t${longTime(status.startTime)}`);
  w.labels("Labels", metadata.labels);
  w.annotations("Annotations", metadata.annotations);
  if (metadata.deletionTimestamp) {
    w.write(0, `Status:\tTerminating (lasts ${since(metadata.deletionTimestamp, view.now)})`);
    w.write(0, `Termination Grace Period:\t${metadata.deletionGracePeriodSeconds ?? 0}s`);
  } else w.write(0, `Status:\t${status.phase}`);
  if (status.reason) w.write(0, `Reason:\t${status.reason}`);
  if (status.message) w.write(0, `Message:\t${status.message}`);
  w.write(0, `IP:\t${status.podIP ?? ""}`);
  if (status.podIPs?.length) {
    w.write(0, "IPs:");
    for (const { ip } of status.podIPs) w.write(1, `IP:\t${ip}`);
  } else w.write(0, "IPs:\t<none>");
  w.controller(pod);
  if (spec.initContainers?.length)
    containers(w, "Init Containers", spec.initContainers, status.initContainerStatuses);
  containers(w, "Containers", spec.containers, status.containerStatuses);
  if (status.conditions?.length) {
    w.write(0, "Conditions:");
    w.write(1, "Type\tStatus");
    for (const c of status.conditions) w.write(1, `${c.type} \t${c.status} `);
  }
  volumes(w, spec.volumes);
  w.write(0, `QoS Class:\t${status.qosClass ?? "BestEffort"}`);
  w.labels("Node-Selectors", spec.nodeSelector);
  w.tolerations("Tolerations", spec.tolerations);
  return w.text;
}
