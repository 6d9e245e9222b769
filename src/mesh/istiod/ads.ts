import type { Status } from "../../grpc/status.ts";
import type { Discovery } from "./discovery.ts";
import type { Node } from "./messages.ts";

/** Where a stream's messages go. */
export interface StreamSink {
  send(call: number, data: Uint8Array): void;
  finish(call: number, status: Status): void;
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
  /** Of its metadata: NODE_NAME, CLUSTER_ID. */
  node = "";
  clusterId = "";

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
  abstract watched: ReadonlyMap<string, { nonceSent: string; nonceAcked: string }>;
  abstract message(data: Uint8Array): void;
  /** Something has changed: what of it concerns this proxy goes out. */
  abstract push(): void;

  /** All that was sent has been confirmed, or refused. */
  abstract get idle(): boolean;

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
