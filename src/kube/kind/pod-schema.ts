import {
  array,
  boolean,
  integer,
  intOrString,
  map,
  object,
  open,
  type Schema,
  string,
  time,
} from "../schema.ts";
import { condition, objectMeta } from "./meta-schema.ts";

const V1 = "io.k8s.api.core.v1";

const quantities = map(
  "Amounts by resource: cpu, memory.",
  string("An amount, such as 100m or 64Mi."),
);

const probe = (description: string): Schema =>
  object(`${V1}.Probe`, description, {
    exec: object(`${V1}.ExecAction`, "A command that is run in the container.", {
      command: array("The command and its arguments.", string("")),
    }),
    failureThreshold: integer("So many failures in a row make the probe fail. Default 3."),
    grpc: open(`${V1}.GRPCAction`, "A gRPC health check."),
    httpGet: object(
      `${V1}.HTTPGetAction`,
      "An HTTP request to the pod.",
      {
        host: string("Host to connect to; the pod itself when it is not said."),
        httpHeaders: array("Fields of the request.", open(`${V1}.HTTPHeader`, "A field.")),
        path: string("Path of the request."),
        port: intOrString("Number or name of the port."),
        scheme: string("HTTP or HTTPS."),
      },
      ["port"],
    ),
    initialDelaySeconds: integer("Seconds after the container's start before the first probe."),
    periodSeconds: integer("Seconds between probes. Default 10."),
    successThreshold: integer("So many successes in a row make it succeed. Default 1."),
    tcpSocket: object(
      `${V1}.TCPSocketAction`,
      "A connection to a port.",
      { host: string("Host to connect to."), port: intOrString("Number or name of the port.") },
      ["port"],
    ),
    terminationGracePeriodSeconds: integer("Seconds that the pod gets when this probe fails."),
    timeoutSeconds: integer("Seconds after which the probe has failed. Default 1."),
  });

const containerPort = object(
  `${V1}.ContainerPort`,
  "A port that the container listens at.",
  {
    containerPort: integer("Number of the port on the pod's address."),
    hostIP: string("Address of the host that the port is bound to."),
    hostPort: integer("Number of the port on the node's own address."),
    name: string("A name that Services can refer to."),
    protocol: string("TCP, UDP or SCTP. Default TCP."),
  },
  ["containerPort"],
);

const envVar = object(
  `${V1}.EnvVar`,
  "An environment variable.",
  {
    name: string("Its name."),
    value: string("Its value."),
    valueFrom: open(`${V1}.EnvVarSource`, "Where the value comes from."),
  },
  ["name"],
);

const volumeMount = object(
  `${V1}.VolumeMount`,
  "Where a volume appears in the container.",
  {
    mountPath: string("The path in the container."),
    mountPropagation: string("How mounts travel between host and container."),
    name: string("The volume's name."),
    readOnly: boolean("Nothing may be written to it."),
    subPath: string("A path in the volume that is mounted instead of its root."),
    subPathExpr: string("The same, with variables of the environment."),
  },
  ["name", "mountPath"],
);

const container = object(
  `${V1}.Container`,
  "A program that runs in the pod.",
  {
    args: array("Arguments of the entrypoint.", string("")),
    command: array("The program to run, instead of the image's entrypoint.", string("")),
    env: array("Environment variables.", envVar, "name"),
    envFrom: array("Sources of many variables at once.", open(`${V1}.EnvFromSource`, "A source.")),
    image: string("The image's name."),
    imagePullPolicy: string("When the node asks the registry for the image.", [
      "Always",
      "IfNotPresent",
      "Never",
    ]),
    lifecycle: open(`${V1}.Lifecycle`, "What is done after the start and before the end."),
    livenessProbe: probe("While this fails, the container is started anew."),
    name: string("The container's name, unique in the pod."),
    ports: array(
      "Ports that the container listens at; for information, and for names.",
      containerPort,
      "containerPort",
    ),
    readinessProbe: probe("While this fails, Services send nothing to the pod."),
    resources: object(
      `${V1}.ResourceRequirements`,
      "What the container needs, and may have at most.",
      {
        limits: quantities,
        requests: quantities,
      },
    ),
    securityContext: open(`${V1}.SecurityContext`, "What the container may do."),
    startupProbe: probe("Until this succeeds, the other probes wait."),
    stdin: boolean("Standard input is kept open."),
    stdinOnce: boolean("Standard input is closed after the first who used it."),
    terminationMessagePath: string("File with the container's last words."),
    terminationMessagePolicy: string("Where the last words come from.", [
      "File",
      "FallbackToLogsOnError",
    ]),
    tty: boolean("The program gets a terminal."),
    volumeDevices: array(
      "Block devices.",
      open(`${V1}.VolumeDevice`, "A block device."),
      "devicePath",
    ),
    volumeMounts: array("Volumes, and where they appear.", volumeMount, "mountPath"),
    workingDir: string("The directory in which the program starts."),
  },
  ["name"],
);

const toleration = object(`${V1}.Toleration`, "A taint that the pod bears with.", {
  effect: string("The taint's effect."),
  key: string("The taint's key."),
  operator: string("Exists or Equal."),
  tolerationSeconds: integer("For how long it bears with NoExecute."),
  value: string("The taint's value."),
});

export const podSpec = object(
  `${V1}.PodSpec`,
  "What the pod is to be.",
  {
    activeDeadlineSeconds: integer("Seconds after which the pod is ended."),
    affinity: open(`${V1}.Affinity`, "Rules for the choice of the node."),
    automountServiceAccountToken: boolean("Whether the account's token is mounted."),
    containers: array(
      "The programs of the pod. At least one; they cannot be added or removed.",
      container,
      "name",
    ),
    dnsConfig: open(`${V1}.PodDNSConfig`, "Parts of the resolver's configuration."),
    dnsPolicy: string("How names are resolved. Default ClusterFirst.", [
      "ClusterFirstWithHostNet",
      "ClusterFirst",
      "Default",
      "None",
    ]),
    enableServiceLinks: boolean("Whether Services appear in the environment."),
    ephemeralContainers: array(
      "Containers for debugging.",
      open(`${V1}.EphemeralContainer`, "A container."),
      "name",
    ),
    hostAliases: array("Lines for /etc/hosts.", open(`${V1}.HostAlias`, "A line."), "ip"),
    hostIPC: boolean("The pod shares the node's IPC namespace."),
    hostNetwork: boolean("The pod is in the node's own network namespace."),
    hostPID: boolean("The pod sees the node's processes."),
    hostname: string("The pod's hostname."),
    imagePullSecrets: array(
      "Secrets for the registry.",
      open(`${V1}.LocalObjectReference`, "A secret's name."),
      "name",
    ),
    initContainers: array(
      "Programs that run before the others, one after the other.",
      container,
      "name",
    ),
    nodeName: string("The node that the pod runs on. Set by the scheduler."),
    nodeSelector: map("Labels that the node must have."),
    os: open(`${V1}.PodOS`, "The operating system."),
    overhead: map("What the pod costs beside its containers."),
    preemptionPolicy: string("Whether it may push others out."),
    priority: integer("How important the pod is."),
    priorityClassName: string("The same by a name."),
    readinessGates: array(
      "Further conditions of readiness.",
      open(`${V1}.PodReadinessGate`, "A condition."),
    ),
    restartPolicy: string("When containers that end are started anew. Default Always.", [
      "Always",
      "OnFailure",
      "Never",
    ]),
    runtimeClassName: string("Which runtime runs the pod."),
    schedulerName: string("Who chooses the node."),
    securityContext: open(`${V1}.PodSecurityContext`, "What holds for all containers."),
    serviceAccount: string("The old name of serviceAccountName."),
    serviceAccountName: string("The account that the pod runs under: its identity in the mesh."),
    setHostnameAsFQDN: boolean("Whether the hostname is the full name."),
    shareProcessNamespace: boolean("The containers see each other's processes."),
    subdomain: string("Part of the pod's full name."),
    terminationGracePeriodSeconds: integer("Seconds between SIGTERM and SIGKILL. Default 30."),
    tolerations: array("Taints that the pod bears with.", toleration),
    topologySpreadConstraints: array(
      "How pods are spread.",
      open(`${V1}.TopologySpreadConstraint`, "A rule."),
      "topologyKey",
    ),
    volumes: array(
      "Volumes that containers can mount.",
      {
        ...open(`${V1}.Volume`, "A volume: a name and a source."),
        required: ["name"],
        properties: { name: string("The volume's name.") },
      },
      "name",
    ),
  },
  ["containers"],
);

const containerStatus = object(`${V1}.ContainerStatus`, "How a container is.", {
  containerID: string("The runtime's id of it."),
  image: string("The image that it runs."),
  imageID: string("The image's digest."),
  lastState: open(`${V1}.ContainerState`, "How its last run ended."),
  name: string("The container's name."),
  ready: boolean("Whether its readiness probe succeeds."),
  restartCount: integer("How often it was started anew."),
  started: boolean("Whether its startup probe has succeeded."),
  state: open(`${V1}.ContainerState`, "Waiting, running or terminated."),
});

export const podStatus = object(`${V1}.PodStatus`, "How the pod is. Written by its node.", {
  conditions: array("Aspects of the pod's state.", condition(`${V1}.PodCondition`), "type"),
  containerStatuses: array("How each container is.", containerStatus),
  ephemeralContainerStatuses: array("How each debugging container is.", containerStatus),
  hostIP: string("The node's address."),
  initContainerStatuses: array("How each init container is.", containerStatus),
  message: string("Why it is so, for people."),
  nominatedNodeName: string("A node where others are pushed out for this pod."),
  phase: string("Pending, Running, Succeeded, Failed or Unknown."),
  podIP: string("The pod's address."),
  podIPs: array("All of the pod's addresses.", open(`${V1}.PodIP`, "An address."), "ip"),
  qosClass: string("How the pod is treated when its node is short of something."),
  reason: string("Why it is so, in a word."),
  startTime: time("When the node took the pod up."),
});

export const podTemplate = object(
  `${V1}.PodTemplateSpec`,
  "What the pods are made from. A change rolls them.",
  { metadata: objectMeta, spec: podSpec },
);
