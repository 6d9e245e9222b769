import type { Event } from "./api/core.ts";
import type { KubeObject, ObjectReference } from "./api/meta.ts";
import type { Store } from "./store.ts";

/** kube-apiserver: --event-ttl. */
const TTL_MS = 3600_000;

export function referenceTo(object: KubeObject, fieldPath?: string): ObjectReference {
  const { apiVersion, kind, metadata } = object;
  const { name, namespace, uid, resourceVersion } = metadata;
  return {
    apiVersion,
    kind,
    name,
    uid,
    resourceVersion,
    ...(namespace ? { namespace } : {}),
    ...(fieldPath ? { fieldPath } : {}),
  };
}

/** Where an event comes from. */
export interface EventSource {
  component: string;
  host?: string;
}

/**
 * Write down what happened to an object (k8s.io/client-go/tools/record). What happens again is
 * counted on the same event.
 */
export function recordEvent(
  store: Store,
  object: KubeObject,
  source: EventSource,
  type: Event["type"],
  reason: string,
  message: string,
  fieldPath?: string,
): void {
  const namespace = object.metadata.namespace ?? "default";
  const now = store.sim.epoch + Math.floor(store.sim.now / 1e6);
  let same: Event | null = null;
  for (const event of store.list("Event")) {
    if (now - Date.parse(event.lastTimestamp) > TTL_MS) store.remove(event);
    else if (
      event.involvedObject.uid === object.metadata.uid &&
      event.reason === reason &&
      event.message === message &&
      event.source.component === source.component
    )
      same = event;
  }
  if (same) {
    store.edit(same, (event) => {
      event.count++;
      event.lastTimestamp = store.timestamp;
    });
    return;
  }
  // The page lets the clock stand between two ns. The real one names it by the time in ns; what happens at the same instant comes a ns later.
  let at = BigInt(store.sim.epoch) * 1_000_000n + BigInt(Math.floor(store.sim.now));
  const name = (): string => `${object.metadata.name}.${at.toString(16)}`;
  while (store.get("Event", name(), namespace)) at++;
  store.create<Event>({
    apiVersion: "v1",
    kind: "Event",
    metadata: { name: name(), namespace },
    involvedObject: referenceTo(object, fieldPath),
    reason,
    message,
    type,
    source,
    count: 1,
    firstTimestamp: store.timestamp,
    lastTimestamp: store.timestamp,
    eventTime: null,
    reportingComponent: "",
    reportingInstance: "",
  });
}
