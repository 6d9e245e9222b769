import type { Service, ServicePort } from "../../../../../kube/api/core.ts";
import type { Analyzer } from "../analysis.ts";
import { isControlPlane } from "../mesh.ts";

const UNCONVENTIONAL = { code: "IST0118", level: "Info" } as const;
const EXTERNAL = { code: "IST0150", level: "Warning" } as const;
const MANAGED = [
  "istio.io-gateway-controller",
  "istio.io-mesh-controller",
  "istio.io-eastwest-controller",
];

/** istio: pkg/config/protocol, Parse */
const PROTOCOLS = /^(tcp|udp|grpc|grpc-web|http|http_proxy|http2|https|tls|mongo|redis|mysql)$/i;
/** SMTP, DNS, MySQL, MongoDB: without a name they are TCP. */
const WELL_KNOWN = [25, 53, 3306, 27017];
const STANDARD = ["kubernetes.io/h2c", "kubernetes.io/ws", "kubernetes.io/wss"];

/** Does its name say what is spoken on it? (istio: pkg/config/kube/conversion.go, ConvertProtocol) */
function isConventional({ port, name = "", protocol, appProtocol }: ServicePort): boolean {
  if (protocol === "UDP") return true;
  const said = appProtocol ?? name;
  if (appProtocol !== undefined && STANDARD.includes(appProtocol)) return true;
  if (/^grpc-web/i.test(said)) return true;
  return PROTOCOLS.test(said.split("-")[0] ?? "") || WELL_KNOWN.includes(port);
}

/** istio: analyzers/service/portname.go */
export const portName: Analyzer = {
  name: "service.PortNameAnalyzer",
  description: "Checks the port names associated with each service",
  inputs: ["Service"],
  analyze(analysis) {
    for (const resource of analysis.list<Service>("Service")) {
      const { metadata, spec } = resource.object;
      if (isControlPlane(resource.object)) continue;
      if (MANAGED.includes(metadata.labels?.["gateway.istio.io/managed"] ?? "")) continue;
      for (const [i, port] of (spec.ports ?? []).entries()) {
        const external = spec.type === "ExternalName";
        if (isConventional(port) && !(external && port.name === "tcp")) continue;
        const field = `{.spec.ports[${i}].port}`;
        if (external)
          analysis.report(
            EXTERNAL,
            resource,
            "Port name for ExternalName service is invalid. Proxy may prevent tcp named ports and unmatched traffic for ports serving TCP protocol from being forwarded correctly",
            field,
          );
        else
          analysis.report(
            UNCONVENTIONAL,
            resource,
            `Port name ${port.name ?? ""} (port: ${port.port}, targetPort: ${port.targetPort ?? 0}) doesn't follow the naming convention of Istio port.`,
            field,
          );
      }
    }
  },
  examples: [
    {
      objects: `
apiVersion: v1
kind: Service
metadata: {name: web, namespace: default}
spec:
  ports:
  - {name: http-web, port: 80, targetPort: 8080}
  - {name: web, port: 81, targetPort: 8081}
  - {name: h2, port: 82, targetPort: web, appProtocol: kubernetes.io/h2c}
  - {name: dns, port: 53, targetPort: 53}
`,
      says: [
        "Info [IST0118] (Service default/web) Port name web (port: 81, targetPort: 8081) doesn't follow the naming convention of Istio port.",
      ],
    },
    {
      objects: `
apiVersion: v1
kind: Service
metadata: {name: out, namespace: default}
spec: {type: ExternalName, ports: [{name: tcp, port: 80}]}
`,
      says: [
        "Warning [IST0150] (Service default/out) Port name for ExternalName service is invalid. Proxy may prevent tcp named ports and unmatched traffic for ports serving TCP protocol from being forwarded correctly",
      ],
    },
  ],
};
