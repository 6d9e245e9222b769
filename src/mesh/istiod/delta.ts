import { statusName, statusTitle } from "../../grpc/status.ts";
import { decode, encode } from "../proto/codec.ts";
import { type Acknowledged, AdsStream, unsent } from "./ads.ts";
import { type DeltaDiscoveryRequest, type Resource, shortType } from "./messages.ts";
import { byteCount } from "./sotw.ts";

interface Watched extends Acknowledged {
  /** Without it only `names` count. */
  wildcard: boolean;
  names: Set<string>;
  /** What the client has, by name: the version, or the content where there is none. */
  has: Map<string, string>;
}

/** The incremental kind of discovery (envoy: xDS protocol, "Incremental xDS"), for one ztunnel. */
export class DeltaStream extends AdsStream {
  override watched = new Map<string, Watched>();

  override message(data: Uint8Array): void {
    const name = "envoy.service.discovery.v3.DeltaDiscoveryRequest";
    const request = decode<DeltaDiscoveryRequest>(name, data);
    if (!request) return this.fail("INTERNAL", "grpc: error unmarshalling request");
    if (!this.begin(request.node, "delta connection")) return;
    const subscribed = this.shouldRespond(request);
    if (subscribed) this.respond(request.typeUrl, subscribed);
  }

  /**
   * istio: pilot/pkg/xds/delta.go, shouldRespondDelta: null for an ACK and the like, else the names
   * that are newly asked for (all of a wildcard's with an empty list).
   */
  shouldRespond(request: DeltaDiscoveryRequest): readonly string[] | null {
    const { typeUrl, responseNonce, errorDetail } = request;
    const known = this.watched.get(typeUrl);
    if (errorDetail) {
      if (known) {
        known.lastError = errorDetail.message;
        known.nonceNacked = responseNonce;
      }
      const code = statusTitle(statusName(errorDetail.code));
      this.discovery.log(
        "warn",
        "delta",
        `ADS:${shortType(typeUrl)}: ACK ERROR ${this.connection} ${code}:${errorDetail.message}`,
      );
      return null;
    }
    const asked = request.resourceNamesSubscribe.filter((name) => name !== "*");
    if (!known) {
      const star = request.resourceNamesSubscribe.includes("*");
      const unstar = request.resourceNamesUnsubscribe.includes("*");
      const wildcard = (star || asked.length === 0) && !unstar;
      this.watched.set(typeUrl, {
        wildcard,
        names: new Set(asked),
        has: new Map(Object.entries(request.initialResourceVersions)),
        ...unsent(),
      });
      return wildcard ? [] : asked;
    }
    if (responseNonce !== "" && responseNonce !== known.nonceSent) return null;
    if (responseNonce !== "") {
      known.nonceAcked = responseNonce;
      known.lastError = "";
    }
    const fresh = asked.filter((name) => !known.names.has(name));
    for (const name of asked) known.names.add(name);
    for (const name of request.resourceNamesUnsubscribe) {
      known.names.delete(name);
      known.has.delete(name);
    }
    return fresh.length ? fresh : null;
  }

  override push(): void {
    for (const type of this.watched.keys()) this.respond(type, null);
  }

  /** What has changed, or what was asked for: a request is always answered. */
  respond(type: string, asked: readonly string[] | null): void {
    const { discovery } = this;
    const watched = this.watched.get(type);
    const all = discovery.context.delta(type);
    if (!watched || !all) return;
    const resources: Resource[] = [];
    const removed: string[] = [];
    for (const [name, { version, resource }] of all) {
      if (!watched.wildcard && !watched.names.has(name)) continue;
      const content = version || String(resource.value);
      const forced = asked?.includes(name) ?? false;
      if (watched.has.get(name) === content && !forced) continue;
      watched.has.set(name, content);
      resources.push({ name, version, resource });
    }
    for (const name of [...watched.has.keys()])
      if (!all.has(name)) {
        watched.has.delete(name);
        removed.push(name);
      }
    // Asked for and not there: that is said, so that nobody waits for it.
    for (const name of asked ?? []) if (!all.has(name)) removed.push(name);
    if (!asked && resources.length + removed.length === 0) return;
    const nonce = this.sending(watched);
    const data = encode("envoy.service.discovery.v3.DeltaDiscoveryResponse", {
      systemVersionInfo: discovery.context.version,
      resources,
      typeUrl: type,
      removedResources: removed,
      nonce,
      controlPlane: { identifier: discovery.identifier },
    });
    this.sink.send(this.call, data);
    const size = resources.reduce((sum, r) => sum + (r.resource?.value.length ?? 0), 0);
    discovery.log(
      "info",
      "delta",
      `${shortType(type)}: PUSH${asked ? " request" : ""} for node:${this.proxy} resources:${resources.length} removed:${removed.length} size:${byteCount(size)}`,
    );
  }
}
