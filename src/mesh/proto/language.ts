import { create } from "@bufbuild/protobuf";
import {
  type DescriptorProto,
  DescriptorProtoSchema,
  type EnumDescriptorProto,
  EnumDescriptorProtoSchema,
  EnumValueDescriptorProtoSchema,
  type FieldDescriptorProto,
  FieldDescriptorProto_Label,
  FieldDescriptorProto_Type,
  FieldDescriptorProtoSchema,
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
  MessageOptionsSchema,
  OneofDescriptorProtoSchema,
} from "@bufbuild/protobuf/wkt";

/*
 * The part of the Protocol Buffers language (proto3) that declares messages and enumerations, read
 * into descriptors as protoc would make them: packages, messages within messages, oneof, map,
 * optional and repeated fields. Services, options and imports have no place here.
 */

const SCALARS: Readonly<Record<string, FieldDescriptorProto_Type>> = {
  double: FieldDescriptorProto_Type.DOUBLE,
  float: FieldDescriptorProto_Type.FLOAT,
  int64: FieldDescriptorProto_Type.INT64,
  uint64: FieldDescriptorProto_Type.UINT64,
  int32: FieldDescriptorProto_Type.INT32,
  bool: FieldDescriptorProto_Type.BOOL,
  string: FieldDescriptorProto_Type.STRING,
  bytes: FieldDescriptorProto_Type.BYTES,
  uint32: FieldDescriptorProto_Type.UINT32,
};

function camelCase(name: string): string {
  return name.replace(/_+(.)/g, (_, letter: string) => letter.toUpperCase());
}

/** A text as words and signs; an error here is a mistake in a table of ours, so it throws. */
class Parser {
  tokens: string[];
  at = 0;

  constructor(text: string) {
    this.tokens = text.replace(/\/\/.*/g, "").match(/[\w.]+|[{}<>,;=]/g) ?? [];
  }

  get done(): boolean {
    return this.at >= this.tokens.length;
  }

  peek(): string {
    return this.tokens[this.at] ?? "";
  }

  next(): string {
    return this.tokens[this.at++] ?? "";
  }

  expect(sign: string): void {
    const found = this.next();
    if (found !== sign) throw new Error(`proto: ${found} where ${sign} should be`);
  }

  number(): number {
    this.expect("=");
    const value = Number(this.next());
    this.expect(";");
    return value;
  }

  file(): FileDescriptorProto {
    this.expect("package");
    const name = this.next();
    this.expect(";");
    const file = create(FileDescriptorProtoSchema, {
      name: `${name}.proto`,
      package: name,
      syntax: "proto3",
    });
    while (!this.done && this.peek() !== "package")
      if (this.next() === "message") file.messageType.push(this.message());
      else file.enumType.push(this.enumeration());
    return file;
  }

  enumeration(): EnumDescriptorProto {
    const found = create(EnumDescriptorProtoSchema, { name: this.next() });
    this.expect("{");
    while (this.peek() !== "}") {
      const name = this.next();
      const number = this.number();
      found.value.push(create(EnumValueDescriptorProtoSchema, { name, number }));
    }
    this.expect("}");
    return found;
  }

  message(): DescriptorProto {
    const found = create(DescriptorProtoSchema, { name: this.next() });
    this.expect("{");
    while (this.peek() !== "}") this.member(found);
    this.expect("}");
    // Each optional field is in a oneof of its own, and those come after the others.
    for (const field of found.field)
      if (field.proto3Optional) {
        field.oneofIndex = found.oneofDecl.length;
        found.oneofDecl.push(create(OneofDescriptorProtoSchema, { name: `_${field.name}` }));
      }
    return found;
  }

  member(into: DescriptorProto): void {
    const word = this.next();
    if (word === "message") into.nestedType.push(this.message());
    else if (word === "enum") into.enumType.push(this.enumeration());
    else if (word === "map") into.field.push(this.map(into));
    else if (word === "oneof") {
      const index = into.oneofDecl.length;
      into.oneofDecl.push(create(OneofDescriptorProtoSchema, { name: this.next() }));
      this.expect("{");
      while (this.peek() !== "}") {
        const field = this.field(this.next());
        field.oneofIndex = index;
        into.field.push(field);
      }
      this.expect("}");
    } else if (word === "repeated") {
      const field = this.field(this.next());
      field.label = FieldDescriptorProto_Label.REPEATED;
      into.field.push(field);
    } else if (word === "optional") {
      const field = this.field(this.next());
      field.proto3Optional = true;
      into.field.push(field);
    } else into.field.push(this.field(word));
  }

  field(type: string): FieldDescriptorProto {
    const name = this.next();
    return declare(name, this.number(), type);
  }

  /** protoc's: a repeated message with a key and a value. */
  map(into: DescriptorProto): FieldDescriptorProto {
    this.expect("<");
    const key = this.next();
    this.expect(",");
    const value = this.next();
    this.expect(">");
    const name = this.next();
    const camel = camelCase(name);
    const entry = `${camel.slice(0, 1).toUpperCase()}${camel.slice(1)}Entry`;
    into.nestedType.push(
      create(DescriptorProtoSchema, {
        name: entry,
        field: [declare("key", 1, key), declare("value", 2, value)],
        options: create(MessageOptionsSchema, { mapEntry: true }),
      }),
    );
    const field = declare(name, this.number(), entry);
    field.label = FieldDescriptorProto_Label.REPEATED;
    return field;
  }
}

/** A field of a type whose name is resolved later. */
function declare(name: string, number: number, type: string): FieldDescriptorProto {
  const scalar = SCALARS[type];
  return create(FieldDescriptorProtoSchema, {
    name,
    number,
    label: FieldDescriptorProto_Label.OPTIONAL,
    jsonName: camelCase(name),
    ...(scalar === undefined ? { typeName: type } : { type: scalar }),
  });
}

/** Every type by its full name, and whether it is an enumeration. */
function declared(files: readonly FileDescriptorProto[]): Map<string, boolean> {
  const found = new Map<string, boolean>();
  const visit = (message: DescriptorProto, scope: string): void => {
    const name = `${scope}.${message.name}`;
    found.set(name, false);
    for (const nested of message.nestedType) visit(nested, name);
    for (const nested of message.enumType) found.set(`${name}.${nested.name}`, true);
  };
  for (const file of files) {
    for (const message of file.messageType) visit(message, file.package);
    for (const one of file.enumType) found.set(`${file.package}.${one.name}`, true);
  }
  return found;
}

/** Innermost scope first (protobuf: language specification, "Reference Resolution"). */
function resolve(types: Map<string, boolean>, name: string, scope: string): string {
  for (let at = scope; ; at = at.slice(0, Math.max(0, at.lastIndexOf(".")))) {
    const full = at ? `${at}.${name}` : name;
    if (types.has(full)) return full;
    if (!at) throw new Error(`proto: no type ${name} in ${scope}`);
  }
}

/**
 * The packages of a text, each a file that depends on those before it; `known` are files that they
 * may refer to.
 */
export function parseProto(
  text: string,
  known: readonly FileDescriptorProto[],
): FileDescriptorProto[] {
  const parser = new Parser(text);
  const files: FileDescriptorProto[] = [];
  while (!parser.done) files.push(parser.file());
  const types = declared([...known, ...files]);
  const settle = (message: DescriptorProto, scope: string): void => {
    const name = `${scope}.${message.name}`;
    for (const field of message.field) {
      if (!field.typeName) continue;
      const type = resolve(types, field.typeName, name);
      field.typeName = `.${type}`;
      field.type = types.get(type)
        ? FieldDescriptorProto_Type.ENUM
        : FieldDescriptorProto_Type.MESSAGE;
    }
    for (const nested of message.nestedType) settle(nested, name);
  };
  files.forEach((file, i) => {
    file.dependency = [...known, ...files.slice(0, i)].map((other) => other.name);
    for (const message of file.messageType) settle(message, file.package);
  });
  return files;
}
