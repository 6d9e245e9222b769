import {
  create,
  createFileRegistry,
  type DescMessage,
  type FileRegistry,
  fromBinary,
  fromJson,
  type JsonValue,
  type MessageInitShape,
  toBinary,
  toJson,
} from "@bufbuild/protobuf";
import {
  FileDescriptorSetSchema,
  file_google_protobuf_any,
  file_google_protobuf_duration,
  file_google_protobuf_empty,
  file_google_protobuf_struct,
  file_google_protobuf_wrappers,
} from "@bufbuild/protobuf/wkt";
import type { Bytes } from "../../wire/bytes.ts";
import { ENVOY } from "./envoy.ts";
import { ISTIO } from "./istio.ts";
import { parseProto } from "./language.ts";
import { SPIRE } from "./spire.ts";

/** Every message that we can write and read, by its full name. */
const registry: FileRegistry = build();

function build(): FileRegistry {
  const known = [
    file_google_protobuf_any,
    file_google_protobuf_duration,
    file_google_protobuf_empty,
    file_google_protobuf_struct,
    file_google_protobuf_wrappers,
  ].map(({ proto }) => proto);
  const file = [...known, ...parseProto(ISTIO + ENVOY + SPIRE, known)];
  return createFileRegistry(create(FileDescriptorSetSchema, { file }));
}

function descriptor(name: string): DescMessage {
  const found = registry.getMessage(name);
  if (!found) throw new Error(`proto: no message ${name}`);
  return found;
}

/** The type URL of a message: what stands in an Any and what xDS subscribes to. */
export function typeUrl(name: string): string {
  return `type.googleapis.com/${name}`;
}

/** The bytes of a message given by its fields, in camelCase; what is left out is not set. */
export function encode(name: string, fields: object): Bytes {
  const type = descriptor(name);
  return toBinary(type, create(type, fields as MessageInitShape<DescMessage>));
}

/** Its fields; null for bytes that are no such message. */
export function decode<T>(name: string, bytes: Bytes): T | null {
  try {
    return fromBinary(descriptor(name), bytes, { readUnknownFields: false }) as unknown as T;
  } catch {
    // The library's only way to say that bytes are malformed.
    return null;
  }
}

/** A message within a google.protobuf.Any. */
export function pack(name: string, fields: object): { typeUrl: string; value: Bytes } {
  return { typeUrl: typeUrl(name), value: encode(name, fields) };
}

/** The same from its JSON form (protobuf: ProtoJSON), with the names of the .proto file. */
export function encodeJson(name: string, json: object): Bytes {
  const type = descriptor(name);
  return toBinary(type, fromJson(type, json as JsonValue, { registry }));
}

/** The JSON form of some bytes: what Any holds in it is spelt out; null for malformed bytes. */
export function decodeJson<T>(name: string, bytes: Bytes): T | null {
  try {
    const type = descriptor(name);
    const message = fromBinary(type, bytes, { readUnknownFields: false });
    return toJson(type, message, { registry, useProtoFieldName: true }) as T;
  } catch {
    return null;
  }
}
