import { clone, equal, isObject, type JsonObject } from "../../base/json.ts";
import type { Namespace } from "../api/core.ts";
import type { CustomResourceDefinition } from "../api/extensions.ts";
import type { KubeObject, ObjectMeta } from "../api/meta.ts";
import type { Pod } from "../api/pod.ts";
import type { Cluster } from "../cluster.ts";
import { deletePod } from "../deletion.ts";
import { apiVersionOf, type FieldError, type Kind, resourceName } from "../kind.ts";
import { kindKey } from "../objects.ts";
import { StoreError } from "../store.ts";
import { decode, fillStructs, prune, schemaCauses } from "./check.ts";
import { ApiError, conflict, invalid, notFound } from "./error.ts";
import { metaErrors } from "./names.ts";

/** Namespaces without which a cluster is none. */
const IMMORTAL = ["default", "kube-public", "kube-system"];

export interface WriteOptions {
  /** Everything but the writing (`--dry-run=server`). */
  dryRun?: boolean;
}

export interface DeleteOptions extends WriteOptions {
  /** Seconds; null: as the object says. */
  grace?: number | null;
  propagation?: "Background" | "Orphan" | "Foreground";
}

/** "Deployment.apps", "Pod": a kind in what is said of an invalid object. */
function groupKind(kind: Kind): string {
  return kind.group ? `${kind.kind}.${kind.group}` : kind.kind;
}

/**
 * Takes what people write, as the API server does: decodes it, leaves out what it does not know, fills
 * in what is missing, checks it, and only then stores it. Its refusals are ApiErrors.
 */
export class ApiServer {
  cluster: Cluster;

  constructor(cluster: Cluster) {
    this.cluster = cluster;
  }

  get(kind: Kind, name: string, namespace: string): KubeObject {
    const { store, kinds } = this.cluster;
    const found = store.get<KubeObject>(kinds.keyOf(kind), name, kind.namespaced ? namespace : "");
    if (!found) throw notFound(resourceName(kind), name);
    return found;
  }

  create(kind: Kind, raw: JsonObject, namespace: string, options: WriteOptions = {}): KubeObject {
    const { store, kinds } = this.cluster;
    const object = this.decoded(kind, raw, namespace);
    const { metadata } = object;
    for (const field of [
      "uid",
      "resourceVersion",
      "creationTimestamp",
      "generation",
      "managedFields",
      "selfLink",
    ])
      delete (metadata as unknown as JsonObject)[field];
    delete metadata.deletionTimestamp;
    if (!metadata.name && metadata.generateName)
      metadata.name = `${metadata.generateName}${store.nameSuffix()}`;
    if (kind.namespaced) this.admitNamespace(kind, metadata);
    if (kind.hasStatus ?? true) delete object.status;
    const causes = schemaCauses(object as unknown as JsonObject, kind);
    if (causes.length === 0) kind.defaults?.(object, this.cluster);
    this.refuse(kind, object, null, causes);
    if (object.kind === "Pod") this.admitAccount(object as Pod);
    if (store.get(kinds.keyOf(kind), metadata.name, metadata.namespace))
      throw new ApiError(
        "AlreadyExists",
        `${resourceName(kind)} "${metadata.name}" already exists`,
      );
    if (options.dryRun)
      return {
        ...object,
        metadata: { ...metadata, uid: store.uid(), creationTimestamp: store.timestamp },
      };
    return store.create(object);
  }

  /** The next version of an object that is there. */
  update(kind: Kind, raw: JsonObject, old: KubeObject, options: WriteOptions = {}): KubeObject {
    const { store } = this.cluster;
    const object = this.decoded(kind, raw, old.metadata.namespace ?? "");
    const version = object.metadata.resourceVersion;
    if (version !== undefined && version !== store.current(old)?.metadata.resourceVersion)
      throw conflict(resourceName(kind), old.metadata.name);
    const { uid, creationTimestamp, generation, deletionTimestamp, deletionGracePeriodSeconds } =
      old.metadata;
    object.metadata = {
      ...object.metadata,
      name: object.metadata.name || old.metadata.name,
      uid,
      creationTimestamp,
      resourceVersion: old.metadata.resourceVersion,
      ...(generation === undefined ? {} : { generation }),
      ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
      ...(deletionGracePeriodSeconds === undefined ? {} : { deletionGracePeriodSeconds }),
    };
    for (const field of ["labels", "annotations"] as const)
      if (object.metadata[field] && Object.keys(object.metadata[field]).length === 0)
        delete object.metadata[field];
    if (kind.hasStatus ?? true) {
      if (old.status === undefined) delete object.status;
      else object.status = clone(old.status);
    }
    const causes = schemaCauses(object as unknown as JsonObject, kind);
    if (causes.length === 0) kind.defaultsOnUpdate?.(object, old, this.cluster);
    if (object.metadata.name !== old.metadata.name)
      causes.push({
        field: "metadata.name",
        message: `Invalid value: "${object.metadata.name}": field is immutable`,
      });
    this.refuse(kind, object, old, causes);
    if (options.dryRun || equal(object, old)) return object;
    // Whoever had to do something before it may go has done it.
    const free = !object.metadata.finalizers?.length && old.metadata.finalizers?.length;
    if (free && object.metadata.deletionTimestamp !== undefined && object.kind !== "Pod") {
      store.remove(old);
      return object;
    }
    try {
      return store.update(object);
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      if (error.reason === "NotFound") throw notFound(resourceName(kind), old.metadata.name);
      throw conflict(resourceName(kind), old.metadata.name);
    }
  }

  remove(kind: Kind, object: KubeObject, options: DeleteOptions = {}): void {
    const { store } = this.cluster;
    const { name } = object.metadata;
    const resource = resourceName(kind);
    if (object.kind === "Node")
      throw new ApiError(
        "Forbidden",
        `nodes "${name}" is forbidden: User "learner" cannot delete resource "nodes" in API group "" at the cluster scope`,
      );
    if (object.kind === "Namespace" && IMMORTAL.includes(name))
      throw new ApiError(
        "Forbidden",
        `${resource} "${name}" is forbidden: this namespace may not be deleted`,
      );
    if (options.dryRun) return;
    if (!store.current(object)) throw notFound(resource, name);
    if (object.kind === "CustomResourceDefinition") this.removeInstances(object);
    if (options.propagation === "Orphan") this.orphan(object);
    if (object.metadata.finalizers?.length && object.kind !== "Namespace") {
      store.edit(object, ({ metadata }) => {
        metadata.deletionTimestamp ??= store.timestamp;
        metadata.deletionGracePeriodSeconds ??= 0;
      });
      return;
    }
    if (object.kind === "Pod") return deletePod(store, object as Pod, options.grace ?? null);
    if (object.kind !== "Namespace") return store.remove(object);
    store.edit(object as Namespace, ({ metadata, status }) => {
      metadata.deletionTimestamp ??= store.timestamp;
      status.phase = "Terminating";
    });
  }

  /** The objects of a kind that is not any more. */
  removeInstances(definition: KubeObject): void {
    const { group, names } = (definition as CustomResourceDefinition).spec;
    for (const object of this.cluster.store.list<KubeObject>(kindKey(`${group}/`, names.kind)))
      this.cluster.store.remove(object);
  }

  /** What belongs to the object will belong to nobody. */
  orphan(object: KubeObject): void {
    const { store } = this.cluster;
    const { uid } = object.metadata;
    for (const key of store.objects.keys())
      for (const other of store.list<KubeObject>(key)) {
        const owners = other.metadata.ownerReferences;
        if (!owners?.some((owner) => owner.uid === uid)) continue;
        store.edit(other, ({ metadata }) => {
          const left = owners.filter((owner) => owner.uid !== uid);
          if (left.length) metadata.ownerReferences = left;
          else delete metadata.ownerReferences;
        });
      }
  }

  decoded(kind: Kind, raw: JsonObject, namespace: string): KubeObject {
    const copy = clone(raw);
    if (!kind.custom) decode(copy, kind, apiVersionOf(kind));
    prune(copy, kind.schema);
    copy.apiVersion = apiVersionOf(kind);
    copy.kind = kind.kind;
    copy.metadata = isObject(copy.metadata) ? copy.metadata : {};
    if (!kind.custom) fillStructs(copy, kind.schema);
    if (kind.namespaced) copy.metadata.namespace ??= namespace;
    else delete copy.metadata.namespace;
    return copy as unknown as KubeObject;
  }

  refuse(kind: Kind, object: KubeObject, old: KubeObject | null, causes: FieldError[]): void {
    const all = [
      ...metaErrors(object.metadata, kind.nameRule ?? "subdomain"),
      ...causes,
      ...(causes.length ? [] : (kind.validate?.(object, old, this.cluster) ?? [])),
    ];
    if (all.length) throw invalid(groupKind(kind), object.metadata.name ?? "", all);
  }

  admitNamespace(kind: Kind, { name, namespace = "" }: ObjectMeta): void {
    const space = this.cluster.store.get("Namespace", namespace);
    if (!space) throw notFound("namespaces", namespace);
    if (space.status.phase === "Terminating")
      throw new ApiError(
        "Forbidden",
        `${resourceName(kind)} "${name}" is forbidden: unable to create new content in namespace ${namespace} because it is being terminated`,
      );
  }

  admitAccount(pod: Pod): void {
    const { name, namespace = "" } = pod.metadata;
    const account = pod.spec.serviceAccountName ?? "default";
    if (this.cluster.store.get("ServiceAccount", account, namespace)) return;
    throw new ApiError(
      "Forbidden",
      `pods "${name}" is forbidden: error looking up service account ${namespace}/${account}: serviceaccount "${account}" not found`,
    );
  }
}
