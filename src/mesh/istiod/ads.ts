import type { Status } from "../../grpc/status.ts";
import type { Discovery } from "./discovery.ts";
import type { Node } from "./messages.ts";

/** Where a stream's messages go. */
export interface StreamSink {
  send(call: number, data: Uint8Array): void;
  finish(call: number, status: Status): void;
}

/** How far a proxy is with one type of resources (istio: pkg/xds/server.go, WatchedResource). */
export interface Acknowledged {
  /** Of the newest response; "" before the first. */
  nonceSent: string;
  nonceAcked: string;
  /** Of the newest response that was refused. */
  nonceNacked: string;
  /** When the newest response went out, in ns of virtual time; null before the first. */
  sentAt: number | null;
  /** Why the proxy refused one; "" since its next ACK. */
  lastError: string;
}

export function unsent(): Acknowledged {
  return { nonceSent: "", nonceAcked: "", nonceNacked: "", sentAt: null, lastError: "" };
}

/** One proxy that is connected (istio: pilot/pkg/xds/ads.go, Connection). */
export abstract class AdsStream {
  discovery: Discovery;
  sink: StreamSink;
  call: number;
  /** "10.4.4.18:41000" */
  peer: string;
  /** Who the caller has proved to be; null over plaintext, where nobody asks. */
  identities: readonly string[] | null;
  /** "ztunnel-rts54.istio-system"; "" before the first request. */
  proxy = "";
  /** The proxy, and a number of this connection. */
  connection = "";
  /** "ztunnel": what its id begins with. */
  kind = "";
  /** Of its metadata: NODE_NAME, CLUSTER_ID, NAMESPACE, ISTIO_VERSION. */
  node = "";
  clusterId = "";
  namespace = "";
  istioVersion = "";

  constructor(
    discovery: Discovery,
    sink: StreamSink,
    call: number,
    peer: string,
    identities: readonly string[] | null,
  ) {
    this.discovery = discovery;
    this.sink = sink;
    this.call = call;
    this.peer = peer;
    this.identities = identities;
  }

  /** By type: what it has asked for. */
  abstract watched: ReadonlyMap<string, Acknowledged>;
  abstract message(data: Uint8Array): void;
  /** Something has changed: what of it concerns this proxy goes out. */
  abstract push(): void;

  /** All that was sent has been confirmed, or refused. */
  get idle(): boolean {
    return [...this.watched.values()].every(
      ({ nonceSent, nonceAcked, nonceNacked }) =>
        nonceSent === nonceAcked || nonceSent === nonceNacked,
    );
  }

  /** A response goes out: its nonce. */
  sending(watched: Acknowledged): string {
    watched.nonceSent = this.discovery.nonce();
    watched.sentAt = this.discovery.store.sim.now;
    return watched.nonceSent;
  }

  fail(code: Status["code"], message: string): void {
    this.discovery.remove(this);
    this.sink.finish(this.call, { code, message });
  }

  /** The first request says who it is (istio: initConnection, authorize). False when that is refused. */
  begin(node: Node | undefined, connection: string): boolean {
    if (this.proxy) return true;
    const [kind = "", , proxy = ""] = (node?.id ?? "").split("~");
    if (!node || !proxy) {
      this.fail("INVALID_ARGUMENT", "missing node information");
      return false;
    }
    const metadata = node.metadata ?? {};
    const namespace = String(metadata.NAMESPACE ?? "");
    const account = String(metadata.SERVICE_ACCOUNT ?? "");
    const fits = (identity: string): boolean => {
      const [, ns, sa] = /\/ns\/([^/]+)\/sa\/([^/]+)$/.exec(identity) ?? [];
      return (!namespace || ns === namespace) && (!account || sa === account);
    };
    if (this.identities && !this.identities.some(fits)) {
      const why = `no identities ([${this.identities.join(" ")}]) matched ${namespace}/${account}`;
      this.discovery.log(
        "warn",
        "ads",
        `Unauthorized XDS: ${this.peer} with identity [${this.identities.join(" ")}]: ${why}`,
      );
      this.fail("PERMISSION_DENIED", `authorization failed: ${why}`);
      return false;
    }
    this.proxy = proxy;
    this.kind = kind;
    this.node = String(metadata.NODE_NAME ?? "");
    this.clusterId = String(metadata.CLUSTER_ID ?? "");
    this.namespace = namespace;
    this.istioVersion = String(metadata.ISTIO_VERSION ?? "");
    this.connection = this.discovery.connectionId(proxy);
    this.discovery.add(this);
    this.discovery.log("info", "ads", `ADS: new ${connection} for node:${this.connection}`);
    return true;
  }

  /** The client is gone. */
  ended(): void {
    this.discovery.remove(this);
    if (this.proxy)
      this.discovery.log("info", "ads", `ADS: "${this.peer}" ${this.connection} terminated`);
  }
}
