import type { World } from "../../src/world/world.ts";
import { runAt } from "./kit.ts";

/** What a script prints on node A, stdout then stderr. */
export function said(world: World, script: string): string {
  const { stdout, stderr } = runAt(world, "node-a", script);
  return stdout + stderr;
}

export const WEB = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: web
        image: docker.io/istio/examples-bookinfo-details-v1:1.17.0
        ports: [{containerPort: 9080, name: http}]
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  selector: {app: web}
  ports: [{port: 80, targetPort: http}]
`;
/** A line of shell that writes a file. */
export function write(text: string, name = "web.yaml"): string {
  return `cat > ${name} <<'X'\n${text}X\n`;
}

export function apply(world: World, text: string): string {
  return said(world, `${write(text, "x.yaml")}kubectl apply -f x.yaml`);
}

/** The manifest of a pod "p". */
export function pod(spec: string): string {
  return `apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: ${spec}\n`;
}
