import type { Container } from "../kube/api/pod.ts";
import type { Entrypoint, Program } from "./app/registry.ts";
import { fullName } from "./image-name.ts";

/** An image that the registry has: what runs when the manifest says nothing else. */
interface Image {
  entrypoint: readonly string[];
  cmd: readonly string[];
  program?: Program;
}

/** An image that has tools, and whose shell ends at once when nobody talks to it. */
function tools(...cmd: string[]): Image {
  return { entrypoint: [], cmd };
}

function server(port: number, answer: string, type: string, name: string): Image {
  return { entrypoint: [], cmd: [], program: { app: "json", port, answer, type, server: name } };
}

/** A program of the infrastructure. */
function daemonOf(app: string, port: number): Image {
  return { entrypoint: [], cmd: [], program: { app, port, answer: "" } };
}

function bookinfo(answer: string): Image {
  return server(9080, answer, "application/json", "gunicorn");
}

const NGINX = `<!DOCTYPE html>
<html>
<head><title>Welcome to nginx!</title></head>
<body><h1>Welcome to nginx!</h1></body>
</html>
`;

/** By repository, as Docker Hub names it; any tag will do. Others are not found. */
const IMAGES: Readonly<Record<string, Image>> = {
  "curlimages/curl": { entrypoint: ["/entrypoint.sh"], cmd: ["curl"] },
  "library/alpine": tools("/bin/sh"),
  "library/bash": tools("bash"),
  "library/busybox": tools("sh"),
  "library/debian": tools("bash"),
  "library/ubuntu": tools("/bin/bash"),
  "nicolaka/netshoot": tools("zsh"),
  "library/nginx": server(80, NGINX, "text/html", "nginx/1.23.2"),
  "hashicorp/http-echo": { entrypoint: ["/http-echo"], cmd: [] },
  "cloudnativelabs/kube-router": daemonOf("kube-router", 20244),
  "quay.io/cilium/ztunnel": daemonOf("ztunnel", 15021),
  "ghcr.io/spiffe/spire-agent": daemonOf("spire-agent", 0),
  "ghcr.io/spiffe/spire-controller-manager": daemonOf("spire-controller-manager", 0),
  "ghcr.io/spiffe/spire-server": daemonOf("spire-server", 8081),
  "registry.k8s.io/pause": { entrypoint: ["/pause"], cmd: [] },
  "k8s.gcr.io/pause": { entrypoint: ["/pause"], cmd: [] },
  "istio/examples-bookinfo-details-v1": bookinfo(
    '{"id":0,"author":"William Shakespeare","year":1595,"type":"paperback","pages":200}',
  ),
  "istio/examples-bookinfo-ratings-v1": bookinfo(
    '{"id":0,"ratings":{"Reviewer1":5,"Reviewer2":4}}',
  ),
  "istio/examples-bookinfo-reviews-v1": bookinfo('{"id":"0","clustername":"null"}'),
  "istio/examples-bookinfo-reviews-v2": bookinfo('{"id":"0","clustername":"null"}'),
  "istio/examples-bookinfo-reviews-v3": bookinfo('{"id":"0","clustername":"null"}'),
  "istio/examples-bookinfo-productpage-v1": {
    entrypoint: [],
    cmd: [],
    program: { app: "productpage", port: 9080, answer: "" },
  },
};

function find(image: string): Image | null {
  const repository = fullName(image).replace(/(:[^:/@]+)?(@.+)?$/, "");
  return IMAGES[repository.replace(/^docker\.io\//, "")] ?? null;
}

const UNITS: Record<string, number> = { "": 1, s: 1, m: 60, h: 3600, d: 86400 };

function seconds(words: readonly string[]): number | null {
  let sum = 0;
  for (const word of words) {
    const [, value = "", unit = ""] = /^(\d+(?:\.\d+)?)([smhd]?)$/.exec(word) ?? [];
    if (value === "") return null;
    sum += Number(value) * (UNITS[unit] ?? 1);
  }
  return sum;
}

/** hashicorp/http-echo: -text=WORDS -listen=:5678. */
function echo(argv: readonly string[]): Program {
  const option = (name: string): string | undefined =>
    argv.find((word) => new RegExp(`^--?${name}=`).test(word))?.replace(/^[^=]*=/, "");
  const port = Number(option("listen")?.split(":").at(-1) ?? 5678);
  return { app: "json", port, answer: `${option("text") ?? ""}\n`, type: "text/plain", server: "" };
}

/**
 * What a container runs: its manifest's command, else what its image has. `world`: what the world
 * file says of its image. Null: no registry has the image.
 */
export function entrypointOf(container: Container, world: Program | null): Entrypoint | null {
  const image = find(container.image ?? "");
  if (!image && !world) return null;
  const { command, args = [] } = container;
  if (world && !command?.length) return { kind: "program", program: world };
  const argv = command?.length
    ? [...command, ...args]
    : [...(image?.entrypoint ?? []), ...(args.length ? args : (image?.cmd ?? []))];
  const [first = ""] = argv;
  const name = first.split("/").at(-1) ?? first;
  if (name === "sleep") return { kind: "sleep", seconds: seconds(argv.slice(1)) };
  if (name === "pause") return { kind: "sleep", seconds: null };
  if (name === "http-echo") return { kind: "program", program: echo(argv) };
  if (!command?.length && image?.program) return { kind: "program", program: image.program };
  return { kind: "command", argv: name === "entrypoint.sh" ? argv.slice(1) : argv };
}
